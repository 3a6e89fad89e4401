//! `CONFIG GET` and `CONFIG SET`.

use redstart_config::{Caller, Change, Config, DIRECTIVES, Directive, Permission, SetError};

use crate::get;

/// Pairs that are refused, and the error reply of Redis 8.
const REFUSED: &[(&[(&str, &str)], &str)] = &[
    (&[("nothere", "1")], "ERR Unknown option or number of arguments for CONFIG SET - 'nothere'"),
    (
        &[("maxmemory", "1"), ("foo", "2"), ("bar", "3")],
        "ERR Unknown option or number of arguments for CONFIG SET - 'foo'",
    ),
    (
        &[("rename-command", "x")],
        "ERR Unknown option or number of arguments for CONFIG SET - 'rename-command'",
    ),
    (&[("user", "x")], "ERR Unknown option or number of arguments for CONFIG SET - 'user'"),
    (&[("include", "x")], "ERR Unknown option or number of arguments for CONFIG SET - 'include'"),
    (
        &[("list-max-ziplist-entries", "3")],
        "ERR Unknown option or number of arguments for CONFIG SET - 'list-max-ziplist-entries'",
    ),
    (
        &[("maxmemory", "1"), ("maxmemory", "2")],
        "(possibly related to argument 'maxmemory') - duplicate parameter",
    ),
    (
        &[("maxmemory", "1"), ("MAXMEMORY", "2")],
        "(possibly related to argument 'MAXMEMORY') - duplicate parameter",
    ),
    (
        &[("maxmemory", "1"), ("maxmemory", "2"), ("foo", "1")],
        "(possibly related to argument 'maxmemory') - duplicate parameter",
    ),
    (
        &[("foo", "1"), ("maxmemory", "1"), ("maxmemory", "2")],
        "ERR Unknown option or number of arguments for CONFIG SET - 'foo'",
    ),
    (&[("daemonize", "yes")], "(possibly related to argument 'daemonize') - can't set immutable config"),
    (&[("DAEMONIZE", "yes")], "(possibly related to argument 'DAEMONIZE') - can't set immutable config"),
    (&[("replicaof", "a 1")], "(possibly related to argument 'replicaof') - can't set immutable config"),
    (
        &[("maxmemory", "zz"), ("daemonize", "yes")],
        "(possibly related to argument 'daemonize') - can't set immutable config",
    ),
    (
        &[("daemonize", "yes"), ("foo", "1")],
        "(possibly related to argument 'daemonize') - can't set immutable config",
    ),
    (&[("dir", "/tmp")], "(possibly related to argument 'dir') - can't set protected config"),
    (&[("dbfilename", "x")], "(possibly related to argument 'dbfilename') - can't set protected config"),
    (&[("MAXMEMORY", "zz")], "(possibly related to argument 'maxmemory') - argument must be a memory value"),
    (
        &[("maxmemory", "zz"), ("hz", "zz")],
        "(possibly related to argument 'maxmemory') - argument must be a memory value",
    ),
    (
        &[("proto-max-bulk-len", "99999999999999999999")],
        "(possibly related to argument 'proto-max-bulk-len') - argument must be between 1048576 and 9223372036854775807 \
         inclusive",
    ),
    (
        &[("locale-collate", "nowhere")],
        "(possibly related to argument 'locale-collate') - Invalid locale name",
    ),
    (
        &[("activedefrag", "yes")],
        "(possibly related to argument 'activedefrag') - Active defragmentation cannot be enabled: it requires a Redis \
         server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution",
    ),
    (
        &[("tls-cluster", "yes")],
        "(possibly related to argument 'tls-cluster') - Unable to update TLS configuration. Check server logs.",
    ),
    (
        &[("tls-port", "6380")],
        "(possibly related to argument 'tls-port') - Unable to update TLS configuration. Check server logs.",
    ),
    (
        &[("slave-priority", "zz")],
        "(possibly related to argument 'slave-priority') - argument couldn't be parsed into an integer",
    ),
    (
        &[("maxmemory-clients", "200%")],
        "(possibly related to argument 'maxmemory-clients') - percentage argument must be less or equal to 100",
    ),
    (&[("save", "5")], "- Invalid save parameters"),
    (&[("save", "1  2")], "- Invalid save parameters"),
    (&[("save", " 1 2 ")], "- Invalid save parameters"),
    (&[("save", "\"1\" 2")], "- Invalid save parameters"),
    (&[("oom-score-adj-values", "1 2")], "- wrong number of arguments"),
    (&[("oom-score-adj-values", "1  2 3")], "- wrong number of arguments"),
    (
        &[("client-output-buffer-limit", "normal 1  2 3")],
        "- Wrong number of arguments in buffer limit configuration.",
    ),
    (
        &[("client-output-buffer-limit", "normal 1 2 -3")],
        "- Error in hard, soft or soft_seconds setting in buffer limit configuration.",
    ),
    (
        &[("client-output-buffer-limit", "normal 1 2 3 foo 1 1 1")],
        "- Invalid client class specified in buffer limit configuration.",
    ),
    (
        &[("latency-tracking-info-percentiles", "1  2")],
        "- Invalid latency-tracking-info-percentiles parameters",
    ),
    (
        &[("shutdown-on-sigint", "")],
        "- argument(s) must be one of the following: default, save, nosave, now, force, safe, failover",
    ),
    (&[("timeout", "-1")], "- argument must be between 0 and 2147483647 inclusive"),
    (&[("timeout", " 1")], "- argument couldn't be parsed into an integer"),
    (&[("appendfsync", "no yes")], "- argument(s) must be one of the following: everysec, always, no"),
];

fn refused(pairs: &[(&str, &str)]) -> String {
    let mut config = Config::default();
    let error = config.set_many(pairs, Caller::Remote).expect_err("a bad pair");
    assert_eq!(config, Config::default(), "{pairs:?}");
    error.to_string()
}

#[test]
fn errors_are_those_of_redis() {
    for (pairs, end) in REFUSED {
        let error = refused(pairs);
        assert!(error.ends_with(end), "{pairs:?}: {error}");
        assert!(
            error.starts_with("ERR CONFIG SET failed (") || error.starts_with("ERR Unknown option"),
            "{error}"
        );
    }
}

#[test]
fn several_settings_change_together_or_not_at_all() {
    let mut config = Config::default();
    let changed = config
        .set_many(
            &[("maxmemory", "10mb"), ("hz", "10"), ("SAVE", "3000 5"), ("slave-priority", "7")],
            Caller::Remote,
        )
        .expect("good pairs");
    assert_eq!(config.maxmemory, 10 << 20);
    assert_eq!(get(&config, "save"), "3000 5");
    let names: Vec<_> = changed.iter().map(|change| change.directive.name).collect();
    assert_eq!(names, ["maxmemory", "save", "replica-priority"], "hz is what it was");

    let before = config.clone();
    config.set_many(&[("maxmemory", "20mb"), ("hz", "x")], Caller::Remote).expect_err("x is no number");
    assert_eq!(config, before);
}

#[test]
fn name_and_alias_are_two_arguments_and_the_last_counts() {
    let mut config = Config::default();
    config
        .set_many(&[("slave-priority", "1"), ("replica-priority", "2")], Caller::Local)
        .expect("good pairs");
    assert_eq!(config.replica_priority, 2);
}

#[test]
fn the_engine_reports_what_it_cannot_apply() {
    let mut config = Config::default();
    let changed = config.set_many(&[("Port", "1")], Caller::Remote).expect("a good pair");
    let error = changed[0].failed("Unable to listen on this port. Check server logs.");
    let text = "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.";
    assert_eq!(error.to_string(), text);
}

#[test]
fn lists_come_in_one_argument() {
    let mut config = Config::default();
    let mut set = |name: &str, value: &str| -> Result<String, SetError> {
        config.set_many(&[(name, value)], Caller::Remote)?;
        Ok(get(&config, name))
    };
    assert_eq!(set("save", "1 2 3 4").as_deref(), Ok("1 2 3 4"));
    assert_eq!(set("save", "5 6").as_deref(), Ok("5 6"));
    assert_eq!(set("save", "").as_deref(), Ok(""));
    assert_eq!(set("bind", "127.0.0.1 -::1").as_deref(), Ok("127.0.0.1 -::1"));
    assert_eq!(set("bind", "").as_deref(), Ok(""));
    let limits = "normal 1 2 3 slave 1048576 2097152 3 pubsub 33554432 8388608 60";
    assert_eq!(set("client-output-buffer-limit", "normal 1 2 3 replica 1mb 2mb 3").as_deref(), Ok(limits));
    assert_eq!(set("client-output-buffer-limit", "").as_deref(), Ok(limits));
    assert_eq!(set("shutdown-on-sigterm", "now force").as_deref(), Ok("now force"));
    assert_eq!(set("latency-tracking-info-percentiles", "0x10 +1").as_deref(), Ok("16 1"));
}

#[test]
fn protected_settings_need_permission() {
    let cases = [
        (Permission::No, Caller::Local, false),
        (Permission::Local, Caller::Remote, false),
        (Permission::Local, Caller::Local, true),
        (Permission::Yes, Caller::Remote, true),
    ];
    for (permission, caller, allowed) in cases {
        let mut config = Config { enable_protected_configs: permission, ..Config::default() };
        assert_eq!(config.set_many(&[("dir", "/")], caller).is_ok(), allowed, "{permission:?} {caller:?}");
    }
}

/// What a client that sets every setting to what it reads expects.
#[test]
fn every_live_setting_takes_its_own_value() {
    let config = Config { enable_protected_configs: Permission::Yes, ..Config::default() };
    for (name, value) in config.get(&["*"]) {
        let directive = Directive::find(name.as_bytes()).expect("a listed name is known");
        if !matches!(directive.access.change, Change::Live | Change::Protected) {
            continue;
        }
        let mut next = config.clone();
        let changed = next.set_many(&[(name.as_bytes(), value.as_bytes())], Caller::Remote);
        assert_eq!(changed.map(|changed| changed.len()), Ok(0), "{name}");
        assert_eq!(next, config, "{name}");
    }
}

fn names(patterns: &[&str]) -> Vec<String> {
    Config::default().get(patterns).iter().map(|(name, _)| name.to_string()).collect()
}

#[test]
fn patterns_find_names_and_aliases_once() {
    assert_eq!(names(&["nothere"]), [""; 0]);
    assert_eq!(names(&["maxmemory", "MAXMEMORY", "maxmemor?", "Maxmemory"]), ["maxmemory"]);
    assert_eq!(names(&["LIST-MAX-LISTPACK-SIZE"]), ["LIST-MAX-LISTPACK-SIZE"]);
    assert_eq!(names(&["*priority", "slave-priority"]), ["replica-priority", "slave-priority"]);
    assert_eq!(names(&["list-max-ziplist-*"]), ["list-max-ziplist-size"]);
    let mixed = names(&["maxmemory", "maxmemory*", "bind", "*of"]);
    for name in ["maxmemory", "maxmemory-samples", "maxmemory-clients", "bind", "slaveof", "replicaof"] {
        assert_eq!(mixed.iter().filter(|found| *found == name).count(), 1, "{name}");
    }
}

#[test]
fn hidden_settings_must_be_named() {
    assert_eq!(names(&["key-load-delay"]), ["key-load-delay"]);
    assert_eq!(names(&["key-load-delay*"]), [""; 0]);
    assert!(!names(&["*"]).contains(&"key-load-delay".to_string()));
    for name in ["user", "include", "rename-command", "loadmodule", "io-threads-do-reads"] {
        assert_eq!(names(&[name]), [""; 0]);
    }
}

#[test]
fn secrets_are_marked() {
    let secret: Vec<_> = DIRECTIVES.iter().filter(|one| one.access.secret).map(|one| one.name).collect();
    assert_eq!(
        secret,
        ["user", "requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass"]
    );
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = DIRECTIVES.iter().flat_map(Directive::names).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
