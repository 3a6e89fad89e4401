//! Who has seen an error reply finds it counted in INFO, once among all and once by its code.

use crate::rig::Rig;
use resp::reply::Value;

/// Conversations in which exactly one error is answered: the client, a space and what it sends.
const ONE_ERROR: &[&[&str]] = &[
    &["a SET key value", "a INCR key"],
    &["a NO-SUCH-COMMAND"],
    &["a GET"],
    &["a EXEC"],
    &["a MULTI", "a SET key value", "a INCR key", "a EXEC"],
    &["a *1\r\n$-7\r\n"],
    &["a BLPOP list 0", "b CLIENT UNBLOCK 1 ERROR"],
    // Answered by the Unit of another client.
    &[
        "b XGROUP CREATE stream group $ MKSTREAM",
        "a XREADGROUP GROUP group c BLOCK 0 STREAMS stream >",
        "b DEL stream",
    ],
    &[
        "b XGROUP CREATE stream group $ MKSTREAM",
        "a XREADGROUP GROUP group c BLOCK 0 STREAMS stream >",
        "b XGROUP DESTROY stream group",
    ],
    &["b SET text value", "a BLMOVE list text LEFT LEFT 0", "b RPUSH list element"],
];

fn info(rig: &mut Rig, section: &str) -> String {
    let client = rig.connect();
    match rig.ask(client, &format!("INFO {section}")).remove(0) {
        Value::Bulk(text) => String::from_utf8(text).expect("text"),
        other => panic!("INFO answers text, not {other:?}"),
    }
}

/// Sum of the numbers behind `start` in the lines that begin with `line`.
fn sum(info: &str, line: &str, start: &str) -> u64 {
    let lines = info.lines().filter(|text| text.starts_with(line));
    let number = |text: &str| {
        let from = text.find(start).expect("the line has the number") + start.len();
        let digits: String = text[from..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().expect("a number")
    };
    lines.map(number).sum()
}

#[test]
fn each_error_is_counted_once() {
    for conversation in ONE_ERROR {
        let mut rig = Rig::new();
        let clients = [rig.connect(), rig.connect()];
        for line in *conversation {
            let (client, request) = line.split_once(' ').expect("a client and its request");
            rig.send(clients[usize::from(client == "b")], request);
        }
        let [all, by_code] = [info(&mut rig, "stats"), info(&mut rig, "errorstats")];
        let counted = (sum(&all, "total_error_replies", ":"), sum(&by_code, "errorstat_", "count="));
        assert_eq!(counted, (1, 1), "{conversation:?}");
    }
}

/// As Redis 8.0.6 answers it.
#[test]
fn keys_are_counted_by_type_and_size() {
    let mut rig = Rig::new();
    let client = rig.connect();
    for line in [
        "SET empty \"\"",
        "SET number 12345",
        "SETRANGE large 2047 x",
        "HSET hash a 1 b 2",
        "SELECT 3",
        "RPUSH list a b c",
        "ZADD zset 1 a 2 b 3 c 4 d",
        "SADD set a",
        "XADD stream * a b",
    ] {
        rig.ask(client, line);
    }
    let expected = "# Keysizes\r\ndb0_distrib_strings_sizes:0=1,4=1,2K=1\r\ndb0_distrib_hashes_items:2=1\r\n\
                    db3_distrib_lists_items:2=1\r\ndb3_distrib_sets_items:1=1\r\ndb3_distrib_zsets_items:4=1\r\n";
    assert_eq!(info(&mut rig, "keysizes"), expected);
    assert!(!info(&mut rig, "everything").contains("Keysizes"));
}

/// As Valkey 9.1.2 answers it.
#[test]
fn a_pause_is_seen() {
    let mut rig = Rig::new();
    let client = rig.connect();
    let paused = |rig: &mut Rig| {
        let text = info(rig, "clients");
        let lines = text.lines().filter_map(|line| line.strip_prefix("paused_").map(str::to_owned));
        lines.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(paused(&mut rig), "reason:none actions:none timeout_milliseconds:0");
    rig.ask(client, "CLIENT PAUSE 5000 WRITE");
    assert_eq!(paused(&mut rig), "reason:client_pause actions:write timeout_milliseconds:5000");
    rig.ask(client, "CLIENT UNPAUSE");
    assert_eq!(paused(&mut rig), "reason:none actions:none timeout_milliseconds:0");
}
