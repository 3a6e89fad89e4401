//! What is refused while the server is loading, can't write its files, or has no memory left.

use crate::rig::Rig;
use command::transcript::print;
use config::{SaveOnShutdown, ShutdownOptions};
use redstart_engine::{Condition, LoadError, NotReady};

fn ask(rig: &mut Rig, client: u64, line: &str) -> String {
    rig.ask(client, line).iter().map(print).collect::<Vec<_>>().join("\n")
}

/// A server in a condition, and a client of it.
fn in_condition(condition: Condition) -> (Rig, u64) {
    let mut rig = Rig::configured("save \"\"\n");
    let client = rig.connect();
    assert_eq!(ask(&mut rig, client, "SET key value"), "OK");
    rig.engine.conditions.set(condition, true);
    (rig, client)
}

#[test]
fn loading_refuses_all_but_what_needs_no_data() {
    let (mut rig, client) = in_condition(Condition::Loading);
    let refused = "(error) LOADING Redis is loading the dataset in memory";
    for line in ["GET key", "SET key value", "DBSIZE", "PING"] {
        assert_eq!(ask(&mut rig, client, line), refused, "{line}");
    }
    assert_eq!(ask(&mut rig, client, "ECHO hello"), "\"hello\"");
    rig.engine.conditions.set(Condition::Loading, false);
    assert_eq!(ask(&mut rig, client, "GET key"), "\"value\"");
}

#[test]
fn what_is_loaded_in_part_is_never_saved() {
    let mut rig = Rig::configured("save 60 1\nenable-debug-command yes\n");
    let client = rig.connect();
    assert_eq!(ask(&mut rig, client, "SET key value"), "OK");
    rig.engine.conditions.set(Condition::Loading, true);
    let refused = "(error) LOADING Redis is loading the dataset in memory";
    for line in ["SAVE", "BGSAVE", "DEBUG RELOAD", "DEBUG RELOAD NOSAVE", "BGREWRITEAOF", "DEBUG LOADAOF"] {
        assert_eq!(ask(&mut rig, client, line), refused, "{line}");
    }
    assert_eq!(ask(&mut rig, client, "CONFIG SET appendonly yes"), "OK");
    assert!(
        ask(&mut rig, client, "INFO persistence").contains("aof_rewrite_scheduled:1"),
        "when all is loaded"
    );
    assert_eq!(ask(&mut rig, client, "CONFIG SET appendonly no"), "OK");
    // No file can be created here: the end would be refused if it tried.
    assert_eq!(rig.engine.shut_down(&ShutdownOptions::default()), Ok(()));
    assert!(matches!(rig.engine.load_data(), Err(LoadError::Stopped)));
    assert!(rig.engine.conditions.has(Condition::Loading));
}

#[test]
fn failing_disks_refuse_writes() {
    for (condition, start) in [
        (Condition::SnapshotFailed, "(error) MISCONF Redis is configured to save RDB snapshots"),
        (Condition::JournalFailed, "(error) MISCONF Errors writing to the AOF file: No space left on device"),
    ] {
        let (mut rig, client) = in_condition(condition);
        *rig.engine.journal_failure.lock() = "No space left on device".to_owned();
        assert_eq!(ask(&mut rig, client, "GET key"), "\"value\"");
        for line in ["SET key other", "DEL key", "PING"] {
            assert!(ask(&mut rig, client, line).starts_with(start), "{line}");
        }
    }
}

#[test]
fn a_transaction_counts_by_what_it_holds() {
    let (mut rig, client) = in_condition(Condition::SnapshotFailed);
    assert_eq!(ask(&mut rig, client, "MULTI"), "OK");
    assert_eq!(ask(&mut rig, client, "GET key"), "QUEUED");
    assert_eq!(ask(&mut rig, client, "EXEC"), "1) \"value\"");
    rig.engine.conditions.set(Condition::SnapshotFailed, false);
    ask(&mut rig, client, "MULTI");
    ask(&mut rig, client, "SET key other");
    rig.engine.conditions.set(Condition::SnapshotFailed, true);
    assert!(
        ask(&mut rig, client, "EXEC")
            .starts_with("(error) EXECABORT Transaction discarded because of: MISCONF")
    );
    rig.engine.conditions.set(Condition::SnapshotFailed, false);
    assert_eq!(ask(&mut rig, client, "GET key"), "\"value\"");
}

#[test]
fn full_memory_refuses_what_needs_more() {
    let (mut rig, client) = in_condition(Condition::MemoryFull);
    let refused = "(error) OOM command not allowed when used memory > 'maxmemory'.";
    for line in ["SET key longer", "APPEND key more", "LPUSH list item"] {
        assert_eq!(ask(&mut rig, client, line), refused, "{line}");
    }
    assert_eq!(ask(&mut rig, client, "DEL key"), "(integer) 1");
}

#[test]
fn an_end_that_fails_ends_no_pause_and_lets_snapshots_begin_again() {
    let mut rig = Rig::configured("save \"\"\n");
    let client = rig.connect();
    assert_eq!(ask(&mut rig, client, "CLIENT PAUSE 100000 WRITE"), "OK");
    let save = ShutdownOptions { save: SaveOnShutdown::Always, ..ShutdownOptions::default() };
    // No file can be created here.
    assert_eq!(rig.engine.shut_down(&save), Err(NotReady));
    let now_ms = rig.engine.clock.wall_us() / 1000;
    assert!(rig.engine.pause.present(now_ms).is_some_and(|paused| paused.until_ms < i64::MAX));
    assert_eq!(ask(&mut rig, client, "CLIENT UNPAUSE"), "OK");
    assert_eq!(ask(&mut rig, client, "BGSAVE"), "Background saving started");
}
