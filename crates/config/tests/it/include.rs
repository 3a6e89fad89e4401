//! Included files and their patterns.

use std::collections::BTreeMap;

use redstart_config::{Config, ConfigError, ConfigFiles};

/// Files in memory: paths and contents.
struct Files(BTreeMap<&'static str, &'static str>);

impl ConfigFiles for Files {
    fn read(&mut self, path: &[u8]) -> Result<Vec<u8>, String> {
        let path = str::from_utf8(path).map_err(|error| error.to_string())?;
        match self.0.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err("No such file or directory".into()),
        }
    }

    fn list(&mut self, directory: &[u8]) -> Vec<Vec<u8>> {
        let directory = str::from_utf8(directory).expect("UTF-8");
        let prefix = match directory {
            "." => String::new(),
            "/" => "/".into(),
            other => format!("{other}/"),
        };
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(prefix.as_str()));
        let mut names: Vec<_> =
            inside.map(|path| path.split('/').next().unwrap_or(path).as_bytes().to_vec()).collect();
        names.reverse();
        names.dedup();
        names
    }
}

fn load(text: &str) -> Result<Config, ConfigError> {
    let files = Files(BTreeMap::from([
        ("one.conf", "hz 44\ninclude two.conf\n"),
        ("two.conf", "# head\ntimeout 5\n"),
        (".hidden.conf", "timeout 6\n"),
        ("bad.conf", "\ntimeout z\n"),
        ("loop.conf", "include loop.conf\n"),
        ("dangling.conf", "include nothing.conf\n"),
        ("/etc/r/a.conf", "save 1 1\n"),
        ("/etc/r/b.conf", "save 2 2\n"),
        ("/etc/s/b.conf", "save 3 3\n"),
        ("/etc/s/c.txt", "save 4 4\n"),
    ]));
    let mut files = files;
    Config::load(text.as_bytes(), &mut files).map(|loaded| loaded.config)
}

#[test]
fn included_lines_count_where_the_include_stands() {
    let config = load("hz 22\ninclude one.conf\n").expect("good files");
    assert_eq!((config.hz, config.timeout), (44, 5));
    let config = load("include one.conf\nhz 22\n").expect("good files");
    assert_eq!(config.hz, 22);
}

#[test]
fn patterns_stand_for_sorted_files() {
    let saves = |text| crate::get(&load(text).expect("good files"), "save");
    assert_eq!(saves("include /etc/r/*.conf\n"), "1 1 2 2");
    assert_eq!(saves("include /etc/?/b.conf\n"), "2 2 3 3");
    assert_eq!(saves("include \"/etc/[s]/*\"\n"), "3 3 4 4");
    assert_eq!(saves("include /etc/no*/x.conf\n"), "3600 1 300 100 60 10000");
    let config = load("include t*.conf\n").expect("good files");
    assert_eq!(config.timeout, 5);
    let config = load("include .h*.conf\ninclude *idden.conf\n").expect("good files");
    assert_eq!(config.timeout, 6);
}

#[test]
fn errors_name_the_included_file() {
    let error = load("hz 22\ninclude bad.conf\n").expect_err("z is no number");
    let lines = "Reading the configuration file 'bad.conf', at line 2\n>>> 'timeout z'\n";
    assert!(error.to_string().contains(lines), "{error}");

    let error = load("include dangling.conf\n").expect_err("a missing file");
    let message = "Fatal error, can't open config file 'nothing.conf': No such file or directory";
    assert_eq!(error.to_string(), message);

    let error = load("include loop.conf\n").expect_err("an endless chain");
    assert!(error.to_string().ends_with("files include each other too deeply"), "{error}");
}
