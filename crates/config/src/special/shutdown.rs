//! `shutdown-on-sigint` and `shutdown-on-sigterm`: how a signal ends the server.

use crate::choice::one_of;
use crate::value::{Origin, Problem, Value, Word, list_items};

/// Whether a snapshot is taken before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SaveOnShutdown {
    /// If there are save points.
    #[default]
    WhenConfigured,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The options that SHUTDOWN would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ShutdownOptions {
    /// Whether to take a snapshot.
    pub save: SaveOnShutdown,
    /// Don't wait for replicas that lag behind.
    pub now: bool,
    /// End although a snapshot could not be taken.
    pub force: bool,
    /// Refuse to end while this server still owns hash slots.
    pub safe: bool,
    /// Hand over to a replica before the end.
    pub failover: bool,
}

const NAMES: [&str; 7] = ["default", "save", "nosave", "now", "force", "safe", "failover"];

fn parse(items: &[Word]) -> Result<ShutdownOptions, Problem> {
    let mut options = ShutdownOptions::default();
    let mut saves = Vec::new();
    for word in items {
        match word.to_ascii_lowercase().as_slice() {
            b"default" => {}
            b"save" => saves.push(SaveOnShutdown::Always),
            b"nosave" => saves.push(SaveOnShutdown::Never),
            b"now" => options.now = true,
            b"force" => options.force = true,
            b"safe" => options.safe = true,
            b"failover" => options.failover = true,
            _ => return Err(one_of(NAMES)),
        }
    }
    options.save = saves.first().copied().unwrap_or_default();
    if saves.iter().any(|&save| save != options.save) {
        return Err("shutdown options SAVE and NOSAVE can't be used simultaneously".into());
    }
    if items.is_empty() { Err(one_of(NAMES)) } else { Ok(options) }
}

impl Value for ShutdownOptions {
    type Rule = ();

    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        *self = parse(&list_items(words, origin)?)?;
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        let chosen = [
            ("save", self.save == SaveOnShutdown::Always),
            ("nosave", self.save == SaveOnShutdown::Never),
            ("now", self.now),
            ("force", self.force),
            ("safe", self.safe),
            ("failover", self.failover),
        ];
        let names: Vec<_> = chosen.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        if names.is_empty() { b"default".to_vec() } else { names.join(" ").into_bytes() }
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        Some(vec![self.show(&())])
    }

    fn allowed((): &()) -> String {
        format!("any of {}", NAMES.join(", "))
    }
}
