//! Transcripts of the commands on keys, and walks over all of them.
//!
//! `replies.txt` was compared with Redis 8.0.6 line by line, `effects.txt` with Redis 8.0.6 and Valkey 9.1.2, from which it
//! differs as the comments there say.

mod walks;

use crate::testing::{Show, Testing};

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

/// Recorded from Redis 8.0.6.
#[test]
fn sorted() {
    Testing::check(include_str!("sort.txt"), Show::Replies);
}

#[test]
fn what_is_sorted_is_recorded_as_it_is() {
    Testing::check(include_str!("sort_effects.txt"), Show::Effects);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

/// `dump.txt` was compared with Redis 8.0.6 and Valkey 9.1.2, but for the version of the format.
#[test]
fn dumps() {
    Testing::check(include_str!("dump.txt"), Show::Replies);
}

#[test]
fn a_restored_key_can_be_given_its_frequency() {
    let mut server = Testing::new();
    server.limits.remember = keyspace::Remember::Frequency { log_factor: 10, decay_minutes: 1 };
    let payload = "\"\\x00\\xc0\\n\\x0b\\x00\\a@\\xea6\\xf31\\x8a2\"";
    for (options, frequency) in [("FREQ 11", "11"), ("", "5"), ("IDLETIME 7", "5"), ("FREQ 255", "255")] {
        assert_eq!(server.print(&format!("RESTORE key 0 {payload} REPLACE {options}")), "OK");
        assert_eq!(server.print("OBJECT FREQ key"), format!("(integer) {frequency}"), "{options}");
    }
}

#[test]
fn payloads_may_be_of_another_version_or_changed_if_the_server_says_so() {
    let mut server = Testing::new();
    // Of version 15, with a checksum of nothing.
    let line = "RESTORE key 0 \"\\x00\\xc0\\n\\x0f\\x00checksum\" REPLACE";
    for (any_version, any_checksum) in [(false, false), (true, false), (false, true), (true, true)] {
        (server.limits.any_rdb_version, server.limits.any_rdb_checksum) = (any_version, any_checksum);
        let taken = any_version && any_checksum;
        let wrong = "(error) ERR DUMP payload version or checksum are wrong";
        assert_eq!(server.print(line), if taken { "OK" } else { wrong }, "{any_version} {any_checksum}");
    }
    assert_eq!(server.print("GET key"), "\"10\"");
}

/// Compared with the append-only file and the events of Redis 8.0.6.
#[test]
fn restored_keys_are_recorded() {
    Testing::check(include_str!("restore_effects.txt"), Show::Effects);
}

#[test]
fn help_names_every_subcommand() {
    let help = Testing::new().print("OBJECT HELP");
    for name in ["ENCODING", "FREQ", "HELP", "IDLETIME", "REFCOUNT"] {
        assert!(help.contains(name), "{name}");
    }
}

/// Whether a client that watches `key` in database `db` must not run its transaction after `commands`.
fn disturbs(db: keyspace::DbIndex, key: &str, commands: &[&str]) -> bool {
    let mut server = Testing::new();
    server.run("MSET here 1 swapped 1");
    server.db = 1;
    server.run("SET there 1");
    server.db = 0;
    let flag = keyspace::DirtyFlag::default();
    let id = server.shards.shard_of(key.as_bytes());
    server.shards.lock(id).watched.add(db, key.as_bytes(), &flag, false);
    commands.iter().for_each(|command| drop(server.run(command)));
    flag.is_set()
}

#[test]
fn watched_keys_of_whole_databases() {
    let cases: [(keyspace::DbIndex, &str, &str, bool); 12] = [
        (0, "here", "FLUSHDB", true),
        (0, "here", "FLUSHALL", true),
        (0, "none", "FLUSHALL", false),
        (1, "there", "FLUSHDB", false),
        (1, "there", "FLUSHALL ASYNC", true),
        (0, "here", "SWAPDB 0 1", true),
        (1, "here", "SWAPDB 0 1", true),
        (0, "there", "SWAPDB 0 1", true),
        (0, "none", "SWAPDB 0 1", false),
        (0, "here", "SWAPDB 0 0", false),
        (2, "here", "SWAPDB 0 1", false),
        (0, "here", "RENAME here elsewhere", true),
    ];
    for (db, key, command, expected) in cases {
        assert_eq!(disturbs(db, key, &[command]), expected, "{db}:{key} {command}");
    }
    assert!(!disturbs(0, "here", &["EXPIRE none 10", "DEL none", "PERSIST here", "GET here", "TTL here"]));
    assert!(disturbs(0, "here", &["EXPIRE here 10"]));
}

#[test]
fn databases_that_change_serve_those_who_wait() {
    let transcript = "\
A> BLPOP list 0
(waits)
(db 1)
> RPUSH list x
1
> SWAPDB 0 1
+OK
  A gets [\"list\", \"x\"]
(db 0)
B> BLPOP other 0
(waits)
> RPUSH list y
1
> RENAME list other
+OK
  B gets [\"other\", \"y\"]
C> BLPOP copied 0
(waits)
> RPUSH source z
1
> COPY source copied
1
  C gets [\"copied\", \"z\"]
";
    Testing::check(transcript, Show::Replies);
}
