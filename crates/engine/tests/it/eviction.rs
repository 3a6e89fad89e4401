//! `maxmemory`: what is evicted, what is refused, and what is told of it.

use crate::rig::{Rig, info};
use command::transcript::print;
use redstart_engine::Condition;

const OOM: &str = "(error) OOM command not allowed when used memory > 'maxmemory'.";

fn ask(rig: &mut Rig, client: u64, line: &str) -> String {
    rig.ask(client, line).iter().map(print).collect::<Vec<_>>().join("\n")
}

/// A server with a hundred keys that take a block of 1024 bytes each, of which those with even numbers expire, and a client
/// of it. Key 0 expires first.
fn filled(configuration: &str) -> (Rig, u64) {
    let mut rig = Rig::configured(&format!("save \"\"\n{configuration}\n"));
    let client = rig.connect();
    for number in 0..100 {
        let expiry = if number % 2 == 0 { format!("EX {}", 1000 + number) } else { "KEEPTTL".into() };
        rig.ask(client, &format!("SET key:{number} {} {expiry}", "x".repeat(960)));
    }
    (rig, client)
}

/// Leaves room for `bytes` more than are in use.
fn limit(rig: &mut Rig, client: u64, bytes: i64) {
    let used = info(rig, client, "used_memory");
    assert_eq!(ask(rig, client, &format!("CONFIG SET maxmemory {}", used + bytes)), "OK");
}

fn present(rig: &mut Rig, client: u64) -> Vec<u32> {
    let is_there = |number: &u32| ask(rig, client, &format!("EXISTS key:{number}")) == "(integer) 1";
    (0..100).filter(is_there).collect()
}

#[test]
fn the_limit_is_kept_by_each_policy() {
    for policy in ["allkeys-random", "allkeys-lru", "allkeys-lfu", "volatile-random", "volatile-lru"]
        .into_iter()
        .chain(["volatile-lfu", "volatile-ttl"])
    {
        let (mut rig, client) = filled(&format!("maxmemory-policy {policy}"));
        limit(&mut rig, client, -20_000);
        let most = info(&mut rig, client, "maxmemory");
        assert_eq!(ask(&mut rig, client, "PING"), "PONG");
        let left = present(&mut rig, client);
        assert!((75..=81).contains(&left.len()), "{policy}: {} keys are left", left.len());
        assert!(info(&mut rig, client, "used_memory") <= most, "{policy}");
        assert_eq!(info(&mut rig, client, "evicted_keys"), 100 - left.len() as i64, "{policy}");
        let odd = left.iter().filter(|number| *number % 2 == 1).count();
        assert!(
            (odd == 50) == policy.starts_with("volatile"),
            "{policy}: {odd} keys without expiry are left"
        );
    }
}

#[test]
fn clients_that_hold_too_much_go_before_keys_do() {
    let (mut rig, control) = filled("maxmemory-policy allkeys-lru\nmaxmemory-clients 500kb");
    ask(&mut rig, control, "CLIENT NO-EVICT ON");
    let greedy = rig.connect();
    limit(&mut rig, control, 600_000);
    rig.hold_output(greedy, 1_000_000);
    assert_eq!(ask(&mut rig, control, "PING"), "PONG");
    assert!(rig.is_closed(greedy));
    assert_eq!(info(&mut rig, control, "evicted_keys"), 0);
    assert_eq!(present(&mut rig, control).len(), 100);
}

#[test]
fn a_cache_goes_on_within_its_limit() {
    let (mut rig, client) = filled("maxmemory-policy allkeys-lru");
    limit(&mut rig, client, 0);
    let most = info(&mut rig, client, "maxmemory");
    for number in 0..500 {
        let line = format!("SET more:{number} {}", "y".repeat(1000));
        assert_eq!(ask(&mut rig, client, &line), "OK");
        assert!(info(&mut rig, client, "used_memory") <= most + 2000);
    }
    assert_eq!(ask(&mut rig, client, "EXISTS more:499"), "(integer) 1");
    assert!(!rig.engine.conditions.any());
}

#[test]
fn the_least_used_keys_go_first() {
    for (policy, keep) in [("allkeys-lru", 30), ("allkeys-lfu", 30)] {
        let (mut rig, client) = filled(&format!("maxmemory-policy {policy}"));
        for _ in 0..20 {
            rig.advance_ms(10_000);
            (0..keep).for_each(|number| drop(rig.ask(client, &format!("GET key:{number}"))));
        }
        limit(&mut rig, client, -45_000);
        assert_eq!(ask(&mut rig, client, "PING"), "PONG");
        let left = present(&mut rig, client);
        let used = left.iter().filter(|number| **number < keep).count();
        assert!(left.len() < 60 && used == keep as usize, "{policy}: {left:?}");
    }
}

#[test]
fn the_first_to_expire_go_first() {
    let (mut rig, client) = filled("maxmemory-policy volatile-ttl");
    limit(&mut rig, client, -10_000);
    assert_eq!(ask(&mut rig, client, "PING"), "PONG");
    let left = present(&mut rig, client);
    let gone: Vec<u32> = (0..100).filter(|number| !left.contains(number)).collect();
    assert!(gone.len() >= 8 && gone.iter().all(|number| *number < 40), "{gone:?}");
}

#[test]
fn without_victims_what_needs_memory_is_refused() {
    for configuration in ["maxmemory-policy noeviction", "maxmemory-policy volatile-lru"] {
        let mut rig = Rig::configured(&format!("save \"\"\n{configuration}\n"));
        let client = rig.connect();
        ask(&mut rig, client, "RPUSH list a b c");
        limit(&mut rig, client, -10_000);
        for line in ["SET key value", "RPUSH list d", "XADD stream * a 1", "COPY list other"] {
            assert_eq!(ask(&mut rig, client, line), OOM, "{line}");
        }
        assert_eq!(ask(&mut rig, client, "LLEN list"), "(integer) 3");
        assert_eq!(ask(&mut rig, client, "LPOP list"), "\"a\"");
        assert_eq!(ask(&mut rig, client, "CONFIG SET maxmemory 0"), "OK");
        assert!(!rig.engine.conditions.has(Condition::MemoryFull));
        assert_eq!(ask(&mut rig, client, "SET key value"), "OK");
    }
}

#[test]
fn the_time_above_the_limit_is_known() {
    let (mut rig, client) = filled("maxmemory-policy noeviction");
    limit(&mut rig, client, -10_000);
    ask(&mut rig, client, "PING");
    rig.advance_ms(1500);
    assert_eq!(info(&mut rig, client, "current_eviction_exceeded_time"), 1500);
    ask(&mut rig, client, "CONFIG SET maxmemory 0");
    rig.advance_ms(1500);
    assert_eq!(info(&mut rig, client, "current_eviction_exceeded_time"), 0);
    assert_eq!(info(&mut rig, client, "total_eviction_exceeded_time"), 1500);
}

#[test]
fn room_is_found_again() {
    let (mut rig, client) = filled("maxmemory-policy noeviction");
    limit(&mut rig, client, 1000);
    assert_eq!(ask(&mut rig, client, &format!("SET big {}", "x".repeat(5000))), "OK");
    assert_eq!(ask(&mut rig, client, "SET small x"), OOM);
    // Neighbours in a pipeline: the first makes room for the second.
    assert_eq!(ask(&mut rig, client, "DEL big\nSET small x\n"), "(integer) 1\nOK");
    assert_eq!(ask(&mut rig, client, &format!("SET big {}", "x".repeat(5000))), "OK");
    assert_eq!(ask(&mut rig, client, "SET other x"), OOM);
    ask(&mut rig, client, "CONFIG SET maxmemory-policy volatile-lru");
    assert_eq!(ask(&mut rig, client, "SET other x"), "OK");
    assert!(info(&mut rig, client, "evicted_keys") > 0);
}

#[test]
fn transactions_are_refused_by_what_they_hold() {
    let (mut rig, client) = filled("maxmemory-policy noeviction");
    let other = rig.connect();
    for line in ["MULTI", "GET key:1000", "PING"] {
        ask(&mut rig, client, line);
    }
    limit(&mut rig, other, -10_000);
    assert_eq!(ask(&mut rig, client, "EXEC"), "1) (nil)\n2) PONG");
    ask(&mut rig, client, "MULTI");
    assert_eq!(ask(&mut rig, client, "SET key value"), OOM);
    assert_eq!(
        ask(&mut rig, client, "EXEC"),
        "(error) EXECABORT Transaction discarded because of previous errors."
    );
    ask(&mut rig, other, "CONFIG SET maxmemory 0");
    ask(&mut rig, client, "MULTI");
    assert_eq!(ask(&mut rig, client, "SET key value"), "QUEUED");
    limit(&mut rig, other, -10_000);
    assert_eq!(
        ask(&mut rig, client, "EXEC"),
        format!("(error) EXECABORT Transaction discarded because of: {}", &OOM["(error) ".len()..])
    );
    // Set within the transaction, it acts after it.
    ask(&mut rig, other, "CONFIG SET maxmemory 0");
    for line in ["MULTI", "SET key value", "CONFIG SET maxmemory 1", "SET key other"] {
        ask(&mut rig, client, line);
    }
    assert_eq!(ask(&mut rig, client, "EXEC"), "1) OK\n2) OK\n3) OK");
    assert_eq!(ask(&mut rig, client, "SET key value"), OOM);
}

#[test]
fn the_journal_and_watchers_hear_of_it() {
    for (lazily, verb) in [("no", "DEL"), ("yes", "UNLINK")] {
        let configuration = format!("maxmemory-policy allkeys-lru\nlazyfree-lazy-eviction {lazily}");
        let mut rig = Rig::configured(&format!("save \"\"\n{configuration}\n"));
        let (client, watcher) = (rig.connect(), rig.connect());
        let mut reader = rig.engine.journal.read();
        ask(&mut rig, client, "SELECT 3");
        ask(&mut rig, client, "SET key value");
        for line in ["SELECT 3", "WATCH key", "MULTI", "PING"] {
            ask(&mut rig, watcher, line);
        }
        ask(&mut rig, client, "CONFIG SET maxmemory 1");
        assert_eq!(ask(&mut rig, client, "PING"), "PONG");
        assert_eq!(ask(&mut rig, watcher, "EXEC"), "(nil)");
        let journal = String::from_utf8(reader.take()).expect("text");
        let words: Vec<&str> = journal.lines().filter(|line| !line.starts_with(['*', '$'])).collect();
        assert_eq!(words, ["SELECT", "3", "SET", "key", "value", verb, "key"]);
        assert_eq!(info(&mut rig, client, "rdb_changes_since_last_save"), 1);
    }
}

#[test]
fn a_pause_keeps_everything() {
    let (mut rig, client) = filled("maxmemory-policy allkeys-random");
    assert_eq!(ask(&mut rig, client, "CLIENT PAUSE 1000 WRITE"), "OK");
    limit(&mut rig, client, -20_000);
    assert_eq!(ask(&mut rig, client, "GET key:1000"), "(nil)");
    assert_eq!(present(&mut rig, client).len(), 100);
    ask(&mut rig, client, "CLIENT UNPAUSE");
    assert!(present(&mut rig, client).len() < 100);
}

#[test]
fn the_turn_ends_what_requests_have_left_undone() {
    let (mut rig, client) = filled("maxmemory-policy allkeys-random\nmaxmemory-eviction-tenacity 0");
    limit(&mut rig, client, -60_000);
    assert_eq!(ask(&mut rig, client, "PING"), "PONG");
    // A batch at least has gone, and no more, as there is no time for it.
    assert_eq!(info(&mut rig, client, "evicted_keys"), 32);
    while rig.evict() {}
    let left = present(&mut rig, client).len();
    assert!((30..=45).contains(&left), "{left} keys are left");
}

#[test]
fn of_large_values_too_there_is_an_account() {
    let mut rig = Rig::configured("save \"\"\nmaxmemory-policy allkeys-lru\nmaxmemory 3mb\n");
    let client = rig.connect();
    for number in 0..40 {
        rig.advance_ms(2000);
        let element = "e".repeat(100_000);
        ask(&mut rig, client, &format!("RPUSH list:{number} {element} {element}"));
        assert!(info(&mut rig, client, "used_memory") < (3 << 20) + 210_000);
    }
    assert_eq!(ask(&mut rig, client, "EXISTS list:0 list:39"), "(integer) 1");
    ask(&mut rig, client, "FLUSHALL");
    assert_eq!(ask(&mut rig, client, "SET key value"), "OK");
}
