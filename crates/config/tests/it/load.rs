//! Texts and the settings or errors they give.

use proptest::prelude::*;
use redstart_config::{Config, ConfigError, IoThreads, NoFiles};

use crate::{get, load};

/// One case of `data/load.txt`.
struct Case<'a> {
    text: String,
    expected: Vec<&'a str>,
}

impl<'a> Case<'a> {
    fn parse(case: &'a str) -> Self {
        let (expected, text): (Vec<_>, Vec<_>) =
            case.lines().partition(|line| line.starts_with("=> ") || line.starts_with("!! "));
        Self { text: text.join("\n"), expected }
    }

    fn check(&self) {
        let result = Config::load(self.text.as_bytes(), &mut NoFiles);
        for expected in &self.expected {
            match (&result, expected.split_at(3)) {
                (Ok(loaded), ("=> ", setting)) => {
                    let (name, value) = setting.split_once(": ").expect("`name: value`");
                    let value = value.replace("\\n", "\n").replace("\\\\", "\\");
                    assert_eq!(get(&loaded.config, name), value, "{}", self.text);
                }
                (Err(error), ("!! ", problem)) => assert_eq!(describe(error), problem, "{}", self.text),
                (result, _) => panic!("{}\n{:?}", self.text, result.as_ref().err()),
            }
        }
    }
}

fn describe(error: &ConfigError) -> String {
    match error {
        ConfigError::Invalid { place, message } => {
            format!("{}: {message}", place.as_ref().map_or(0, |place| place.line_number))
        }
        ConfigError::Unreadable { .. } => error.to_string(),
    }
}

#[test]
fn texts() {
    let cases = include_str!("../data/load.txt");
    // The first block explains the format.
    let cases: Vec<_> = cases.split("\n\n").skip(1).map(Case::parse).collect();
    assert!(cases.iter().all(|case| !case.expected.is_empty()));
    cases.iter().for_each(Case::check);
}

#[test]
fn errors_look_like_those_of_redis() {
    let error = Config::load(b"# head\n  port   zz  \n", &mut NoFiles).expect_err("zz is no port");
    let block = format!(
        "*** FATAL CONFIG FILE ERROR (Redstart {}) ***\nReading the configuration file, at line 2\n>>> 'port   zz'\n\
         argument couldn't be parsed into an integer",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(error.to_string(), block);
}

#[test]
fn the_host_can_reject_a_setting_where_it_stands() {
    let loaded = load(b"\ndir /nowhere\n");
    assert!(loaded.sets("dir"));
    assert!(!loaded.sets("port"));
    assert!(
        loaded
            .reject("dir", "No such file or directory")
            .to_string()
            .ends_with("at line 2\n>>> 'dir /nowhere'\nNo such file or directory")
    );
}

#[test]
fn lines_of_file_only_directives_are_kept_apart() {
    let config = load(b"rename-command GET GETX\nrename-command config \"\"\nuser a on nopass\n").config;
    let words = |lines: &redstart_config::DirectiveLines| -> Vec<String> {
        lines
            .0
            .iter()
            .map(|line| line.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
            .collect()
    };
    assert_eq!(words(&config.rename_command), ["GET|GETX", "config|"]);
    assert_eq!(words(&config.user), ["a|on|nopass"]);
}

#[test]
fn io_threads_show_the_real_number() {
    let mut config = Config::default();
    assert_eq!(config.io_threads, IoThreads::PerCore { cores: None });
    config.io_threads.resolve(6);
    assert_eq!(get(&config, "io-threads"), "6");
    assert_eq!(config.io_threads.count(), 6);

    let mut config = load(b"io-threads 3\n").config;
    config.io_threads.resolve(6);
    assert_eq!(get(&config, "io-threads"), "3");
}

#[test]
fn settings_without_effect_are_known() {
    let config =
        load(b"replica-priority 7\nport 7000\nappendfsync everysec\nlist-max-ziplist-value 3\nhz 20\nsave \"\"\nrdbcompression no\n").config;
    let names: Vec<_> = config.without_effect().iter().map(|directive| directive.name).collect();
    assert_eq!(names, ["replica-priority"]);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Config::load(&text, &mut NoFiles);
    }

    #[test]
    fn no_value_is_too_strange(at in any::<prop::sample::Index>(), words in "[ -~]{0,30}") {
        let directive = at.get(redstart_config::DIRECTIVES);
        let _ = Config::load(format!("{} {words}", directive.name).as_bytes(), &mut NoFiles);
    }
}
