//! `CONFIG REWRITE`.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use redstart_config::{Caller, Change, Config, DIRECTIVES, Directive, NoFiles, Permission};

use crate::load;

/// Applies one case of `data/rewrite.txt`: a file, what is set, the new file.
fn check(case: &str) {
    let (kind, case) = case.split_once('\n').expect("the kind of file");
    let (before, result) = case.split_once("### result\n").expect("a result");
    let (file, settings) = before.split_once("### set ").unwrap_or((before, ""));
    let file = if kind.contains("without") { file.trim_end_matches('\n') } else { file };
    let mut config = load(file.as_bytes()).config;
    for setting in settings.split("### set ").filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.trim_end_matches('\n').split_once(' ').expect("a name and a value");
        config.set_many(&[(name, value)], Caller::Remote).unwrap_or_else(|error| panic!("{error}"));
    }
    let written = config.rewrite(file.as_bytes());
    assert_eq!(String::from_utf8_lossy(&written), result, "from\n{file}");
    assert_eq!(load(&written).config, config, "from\n{file}");
}

/// Files and results of Redis 8.0.6, but for three things: it adds some lines although they say the default, it takes
/// lines away that say the default addresses, and it leaves classes out of `client-output-buffer-limit`.
#[test]
fn files() {
    let cases = include_str!("../data/rewrite.txt");
    // Cases are separated by an empty line, which isn't part of the result.
    for case in
        cases.trim_end().split("\n\n### file").map(|case| case.strip_prefix("### file").unwrap_or(case))
    {
        check(&format!("{case}\n"));
    }
}

/// Values of which each directive takes some.
const VALUES: &[&str] = &[
    "",
    "yes",
    "no",
    "0",
    "1",
    "2",
    "10",
    "64",
    "100",
    "700",
    "1024",
    "1048576",
    "2gb",
    "3mb",
    "1536kb",
    "local",
    "a b",
    "\"'\\\n",
    "caf\u{e9}",
    "always",
    "systemd",
    "debug",
    "allkeys-lfu",
    "50%",
    "KEA",
    "Kn",
    "1 2",
    "1 2 3 4",
    "1 2 3",
    "now nosave",
    "save",
    "no one",
    "host 7",
    "127.0.0.1 -::1",
    "*",
    "normal 1 2 3",
    "replica 1mb 2mb 3 pubsub 0 0 0",
    "12.345678901",
    "99.9 100",
    "optional",
    "json",
    "a.b",
    "-1",
];

fn quoted(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name} \"{value}\"\n")
}

/// Every setting under each of its names with each value that it takes.
fn good_lines() -> Vec<String> {
    let names = DIRECTIVES.iter().filter(|one| one.name != "include").flat_map(Directive::names);
    let lines = names.flat_map(|name| VALUES.iter().map(move |value| quoted(name, value)));
    lines.filter(|line| Config::load(line.as_bytes(), &mut NoFiles).is_ok()).collect()
}

/// A line of a file: a setting or a comment.
fn line() -> impl Strategy<Value = String> {
    static GOOD_LINES: LazyLock<Vec<String>> = LazyLock::new(good_lines);
    prop_oneof![8 => select(GOOD_LINES.as_slice()), 1 => Just("# a comment\n".into()), 1 => Just("\n".into())]
}

fn file() -> impl Strategy<Value = String> {
    proptest::collection::vec(line(), 0..30)
        .prop_map(|lines| lines.concat())
        .prop_filter("excluded", |text| Config::load(text.as_bytes(), &mut NoFiles).is_ok())
}

/// Changes that a client may make.
fn changes() -> impl Strategy<Value = Vec<(&'static Directive, &'static str)>> {
    proptest::collection::vec((select(DIRECTIVES.iter().collect::<Vec<_>>()), select(VALUES)), 0..30)
}

proptest! {
    #[test]
    fn a_rewritten_file_gives_the_same_settings(file in file(), changes in changes()) {
        let mut config = load(file.as_bytes()).config;
        config.enable_protected_configs = Permission::Yes;
        for (directive, value) in changes {
            // Refused changes leave the settings as they are.
            let _ = config.set_many(&[(directive.name, value)], Caller::Remote);
        }
        let written = config.rewrite(file.as_bytes());
        prop_assert_eq!(&load(&written).config, &config);
        prop_assert_eq!(config.rewrite(&written), written);
    }

    #[test]
    fn comments_stay_in_order(file in file()) {
        let comments = |text: &str| text.lines().filter(|line| line.starts_with("# a")).count();
        let written = load(file.as_bytes()).config.rewrite(file.as_bytes());
        prop_assert_eq!(comments(&String::from_utf8_lossy(&written)), comments(&file));
    }

    #[test]
    fn no_old_text_is_too_strange(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let written = Config::default().rewrite(&text);
        prop_assert_eq!(load(&written).config, Config::default());
    }
}

#[test]
fn lines_that_make_no_sense_become_comments() {
    let old = b"no-such-directive 1\nport 7000\ntimeout \"3\n";
    let new = Config { port: 7001, ..Config::default() }.rewrite(old);
    let expected = "# ??? no-such-directive 1\nport 7001\n# ??? timeout \"3\n";
    assert_eq!(String::from_utf8_lossy(&new), expected);
}

/// The values above reach nearly all directives.
#[test]
fn the_values_fit_most_directives() {
    let takes_two = |directive: &&Directive| {
        let fits =
            |value: &&&str| Config::load(quoted(directive.name, value).as_bytes(), &mut NoFiles).is_ok();
        VALUES.iter().filter(fits).count() > 1
    };
    let settable = DIRECTIVES.iter().filter(|one| one.access.change != Change::FileOnly);
    let (reached, all) = (settable.clone().filter(takes_two).count(), settable.count());
    assert!(reached * 10 > all * 9, "{reached} of {all}");
}

#[test]
fn a_file_with_every_directive_says_the_same() {
    let config = Config { port: 7001, ..Config::default() };
    let text = config.rewrite_all(b"# kept\nport 7000\n");
    assert!(text.starts_with(b"# kept\nport 7001\n"), "{}", text.escape_ascii());
    assert!(text.windows(14).any(|part| part == b"\ndatabases 16\n"), "{}", text.escape_ascii());
    assert_eq!(load(&text).config, config);
}
