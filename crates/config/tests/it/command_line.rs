//! Arguments of the server, with the results that `redis-server` gives.

use redstart_config::{CommandLine, Config, NoFiles};

use crate::get;

/// Names and values.
type Settings = &'static [(&'static str, &'static str)];

/// Arguments, and the settings they give after a file of one line.
const GOOD: &[(&[&str], Settings)] = &[
    (&[], &[("port", "7000")]),
    (&["--timeout", "3", "--hz", "22"], &[("timeout", "3"), ("hz", "22")]),
    (&["--timeout 3", "--hz 22"], &[("timeout", "3"), ("hz", "22")]),
    (&["--timeout '3'"], &[("timeout", "3")]),
    (&["timeout", "3", "--hz", "22"], &[("timeout", "3"), ("hz", "22")]),
    (&["--HZ", "13"], &[("hz", "13")]),
    (&["--port", "7001"], &[("port", "7001")]),
    (&["--maxmemory", "1", "--maxmemory", "2"], &[("maxmemory", "2")]),
    (&["--bind", "127.0.0.1", "::1"], &[("bind", "127.0.0.1 ::1")]),
    (&["--bind", "127.0.0.1 ::1"], &[("bind", "127.0.0.1 ::1")]),
    (&["--replicaof", "127.0.0.1 1"], &[("replicaof", "127.0.0.1 1")]),
    (&["--save"], &[("save", "")]),
    (&["--SAVE"], &[("save", "")]),
    (&["--save", "", "--timeout", "3"], &[("save", ""), ("timeout", "3")]),
    (&["--save", "--timeout", "3"], &[("save", ""), ("timeout", "3")]),
    (&["--timeout", "3", "--save"], &[("save", ""), ("timeout", "3")]),
    (&["--save", "100", "1", "200", "2"], &[("save", "100 1 200 2")]),
    (&["--save", "100 1", "--save", "200 2"], &[("save", "100 1 200 2")]),
    (&["--save 3 1", "--timeout 4"], &[("save", "3 1"), ("timeout", "4")]),
    (&["--save \"\"", "--timeout", "3"], &[("save", ""), ("timeout", "3")]),
    (&["--logfile", "a b"], &[("logfile", "a b")]),
    (&["--logfile", "\"a"], &[("logfile", "\"a")]),
    (&["--logfile", "a'b"], &[("logfile", "a'b")]),
    (&["--logfile", "", "--hz", "20"], &[("logfile", ""), ("hz", "20")]),
    (
        &["--proc-title-template", "--my--title", "--hz", "20"],
        &[("proc-title-template", "--my--title"), ("hz", "20")],
    ),
    (
        &["--proc-title-template --my--title", "--hz 20"],
        &[("proc-title-template", "--my--title"), ("hz", "20")],
    ),
    (&["--proc-title-template", "--save", "--save", ""], &[("proc-title-template", "--save"), ("save", "")]),
    (&["--proc-title-template", "x\ny", "--hz", "20"], &[("proc-title-template", "x\ny"), ("hz", "20")]),
    (&["--shutdown-on-sigint", "nosave", "force", "now"], &[("shutdown-on-sigint", "nosave now force")]),
    (&["--hz", "12", "--"], &[("hz", "12")]),
];

/// Arguments, and the end of the error they give after a file of one line that ends with a line feed.
const BAD: &[(&[&str], &str)] = &[
    (&["--port"], "line 3\n>>> 'port'\nwrong number of arguments"),
    (&["--hz", "22", "--loglevel"], "line 4\n>>> 'loglevel'\nwrong number of arguments"),
    (&["--port", "6379", "6380"], "line 3\n>>> 'port \"6379\" \"6380\"'\nwrong number of arguments"),
    (
        &["--port", "--loglevel", "verbose"],
        "line 3\n>>> 'port \"--loglevel\" \"verbose\"'\nwrong number of arguments",
    ),
    (
        &["--port", "--bla", "--loglevel", "verbose"],
        "line 3\n>>> 'port \"--bla\"'\nargument couldn't be parsed into an integer",
    ),
    (
        &["--replicaof", "--127.0.0.1", "--abc"],
        "line 3\n>>> 'replicaof \"--127.0.0.1\"'\nwrong number of arguments",
    ),
    (
        &["--replicaof", "--127.0.0.1", "abc"],
        "line 3\n>>> 'replicaof \"--127.0.0.1\" \"abc\"'\nInvalid master port",
    ),
    (&["--timeout 3", "4"], "line 3\n>>> 'timeout 3 \"4\"'\nwrong number of arguments"),
    (&["--hz", "\"13\""], "line 3\n>>> 'hz \"\\\"13\\\"\"'\nargument couldn't be parsed into an integer"),
    (&["--timeout \"3", "--hz", "12"], "line 3\n>>> 'timeout \"3'\nUnbalanced quotes in configuration line"),
    (&["--", "3"], "line 3\n>>> '\"3\"'\nBad directive or wrong number of arguments"),
    (
        &["--", "--timeout", "3"],
        "line 3\n>>> '\"--timeout\" \"3\"'\nBad directive or wrong number of arguments",
    ),
    (&["---timeout", "3"], "line 3\n>>> '-timeout \"3\"'\nBad directive or wrong number of arguments"),
    (&["", "--hz", "12"], "line 3\n>>> '\"\"'\nBad directive or wrong number of arguments"),
    (&["-x"], "line 3\n>>> '\"-x\"'\nBad directive or wrong number of arguments"),
    (&["--save", "--bla"], "line 4\n>>> 'bla'\nBad directive or wrong number of arguments"),
    (&["--save ", "--timeout", "3"], "line 3\n>>> 'save  \"--timeout\" \"3\"'\nInvalid save parameters"),
];

fn text(args: &[&str]) -> Vec<u8> {
    let args: Vec<_> = std::iter::once(&"a.conf").chain(args).collect();
    let line = CommandLine::parse(&args);
    assert_eq!(line.file.as_deref(), Some(b"a.conf".as_slice()));
    line.text(Some(b"port 7000\n"), None)
}

#[test]
fn options_follow_the_file() {
    for (args, settings) in GOOD {
        let loaded =
            Config::load(&text(args), &mut NoFiles).unwrap_or_else(|error| panic!("{args:?}: {error}"));
        for (name, value) in *settings {
            assert_eq!(get(&loaded.config, name), *value, "{args:?}");
        }
    }
}

#[test]
fn wrong_options_are_reported_as_lines() {
    for (args, end) in BAD {
        let error = Config::load(&text(args), &mut NoFiles).expect_err("a bad option");
        assert!(error.to_string().ends_with(end), "{args:?}: {error}");
    }
}

#[test]
fn save_points_add_to_those_of_the_file() {
    let after_file = |args: &[&str]| {
        let text = CommandLine::parse(args).text(Some(b"save 7 7\n"), None);
        get(&crate::load(&text).config, "save")
    };
    assert_eq!(after_file(&["--save", "100", "1"]), "7 7 100 1");
    assert_eq!(after_file(&["--save", "100", "1", "--save", ""]), "");
}

#[test]
fn a_dash_reads_the_standard_input() {
    for args in [["-", "--hz", "22"], ["--hz", "22", "-"]] {
        let line = CommandLine::parse(&args);
        assert!(line.reads_stdin && line.file.is_none());
        let config = crate::load(&line.text(None, Some(b"timeout 3\nhz 1"))).config;
        assert_eq!((config.timeout, config.hz), (3, 22));
    }
    let line = CommandLine::parse(&["a.conf", "-"]);
    assert!(line.reads_stdin && line.file.is_some());
    let config = crate::load(&line.text(Some(b"timeout 3"), Some(b"hz 22"))).config;
    assert_eq!((config.timeout, config.hz), (3, 22));
    // In the middle it is a value.
    let line = CommandLine::parse(&["--port", "1", "-", "--hz", "22"]);
    assert!(!line.reads_stdin);
}

#[test]
fn without_a_file_options_begin_at_the_second_line() {
    let line = CommandLine::parse(&["--hz", "3", "--port", "zz"]);
    assert!(line.file.is_none() && !line.reads_stdin);
    let error = Config::load(&line.text(None, None), &mut NoFiles).expect_err("zz is no port");
    assert!(error.to_string().contains("at line 3\n>>> 'port \"zz\"'"));
    assert!(CommandLine::parse::<&str>(&[]).text(None, None).is_empty());
}
