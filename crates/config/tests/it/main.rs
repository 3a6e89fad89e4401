//! Tests of the whole crate through its public interface.

mod command_line;
mod defaults;
mod include;
mod live;
mod load;
mod page;
mod rewrite;

use redstart_config::{Config, Loaded, NoFiles};

/// Loads a text without includes that is known to be right.
fn load(text: &[u8]) -> Loaded {
    match Config::load(text, &mut NoFiles) {
        Ok(loaded) => loaded,
        Err(error) => panic!("{error}"),
    }
}

/// What `CONFIG GET name` answers as the value.
fn get(config: &Config, name: &str) -> String {
    let answer = config.get(&[name]);
    assert_eq!(answer.len(), 1, "{name}");
    assert_eq!(answer[0].0.as_bytes(), name.as_bytes());
    answer[0].1.to_string()
}
