//! Names and defaults against those that real servers report.

use redstart_config::{Config, Directive};

/// All but `dir`, where the server was started, and `io-threads`, which is one per core here.
#[test]
fn defaults_are_those_of_redis_8() {
    let config = Config::default();
    for line in include_str!("../data/redis-8.0.6-defaults.txt").lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        assert_eq!(crate::get(&config, name), value, "{name}");
    }
}

#[test]
fn directives_of_valkey_are_known() {
    for name in include_str!("../data/valkey-9.1.2-names.txt").lines() {
        assert!(Directive::find(name.as_bytes()).is_some(), "{name}");
    }
}

#[test]
fn directives_of_files_are_known() {
    for name in
        ["include", "loadmodule", "rename-command", "user", "list-max-ziplist-entries", "io-threads-do-reads"]
    {
        assert!(Directive::find(name.as_bytes()).is_some(), "{name}");
    }
}
