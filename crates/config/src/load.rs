//! From text to a configuration: lines, comments, quotes, includes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::quote;

use crate::directive::{Directive, Status};
use crate::error::{ConfigError, Place};
use crate::include::{ConfigFiles, matching_paths};
use crate::special::directive_lines::BAD_DIRECTIVE;
use crate::table::{Config, DIRECTIVES};
use crate::text::Text;
use crate::value::{Origin, Problem, UNBALANCED, Word};

/// How deep files may include each other: a file that includes itself must not end the process.
const MAX_DEPTH: usize = 16;

/// A configuration, and where its settings come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The last line of each directive that the text has.
    places: BTreeMap<&'static str, Place>,
}

impl Loaded {
    /// Whether the text sets this directive, if only to its default.
    pub fn sets(&self, directive: &str) -> bool {
        self.places.contains_key(directive)
    }

    /// The error for a setting that proves impossible only when the host puts it into effect: a directory that
    /// doesn't exist, say. It points to the directive's line.
    pub fn reject(&self, directive: &str, message: impl Into<Cow<'static, str>>) -> ConfigError {
        ConfigError::Invalid { place: self.places.get(directive).cloned(), message: message.into() }
    }
}

impl Config {
    /// Reads a configuration text: a file, perhaps with options of the command line after it
    /// ([`CommandLine::text`](crate::CommandLine::text)). What it doesn't mention is as in the default.
    ///
    /// # Errors
    /// The first line that can't be understood, or an included file that can't be read.
    pub fn load(text: &[u8], files: &mut dyn ConfigFiles) -> Result<Loaded, ConfigError> {
        let loaded = Loaded { config: Self::default(), places: BTreeMap::new() };
        let mut loader = Loader { loaded, files };
        loader.read_text(text, None, 0)?;
        loader.loaded.check_together()?;
        Ok(loader.loaded)
    }

    /// The directives that differ from their default although the part of the server that they belong to doesn't
    /// exist yet. Whoever starts the server wants to be told. What is turned off is off indeed, and isn't among them.
    pub fn without_effect(&self) -> Vec<&'static Directive> {
        let default = Self::default();
        let waits = |directive: &&Directive| matches!(directive.status, Status::NotYet(_));
        let is_set = |directive: &&Directive| (directive.lines)(self) != (directive.lines)(&default);
        let is_off = |directive: &&Directive| matches!(&(directive.show)(self)[..], b"" | b"no");
        DIRECTIVES.iter().filter(waits).filter(is_set).filter(|directive| !is_off(directive)).collect()
    }
}

impl Loaded {
    /// Looks for settings that exclude each other.
    fn check_together(&self) -> Result<(), ConfigError> {
        if self.config.cluster_enabled && self.config.replicaof.0.is_some() {
            let message = "replicaof directive not allowed in cluster mode".into();
            return Err(ConfigError::Invalid { place: None, message });
        }
        Ok(())
    }
}

struct Loader<'a> {
    loaded: Loaded,
    files: &'a mut dyn ConfigFiles,
}

impl Loader<'_> {
    fn read_text(&mut self, text: &[u8], file: Option<&Text>, depth: usize) -> Result<(), ConfigError> {
        for (at, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let place = Place { file: file.cloned(), line_number: at + 1, line: line.into() };
            match self.read_line(line, &place) {
                Ok(Some(pattern)) => self.include(&pattern, place, depth + 1)?,
                Ok(None) => {}
                Err(problem) => return Err(ConfigError::at(place, problem)),
            }
        }
        Ok(())
    }

    /// Obeys one line; gives back the pattern if it includes other files.
    fn read_line(&mut self, line: &[u8], place: &Place) -> Result<Option<Word>, Problem> {
        let words = quote::split_args(line).ok_or(UNBALANCED)?;
        let Some((name, values)) = words.split_first() else { return Ok(None) };
        let directive = Directive::find(name).ok_or(BAD_DIRECTIVE)?;
        let seen = self.loaded.places.contains_key(directive.name);
        let origin = if seen { Origin::LaterLine } else { Origin::FirstLine };
        (directive.assign)(&mut self.loaded.config, values, origin)?;
        self.loaded.places.insert(directive.name, place.clone());
        Ok(values.first().filter(|_| directive.name == "include").cloned())
    }

    fn include(&mut self, pattern: &[u8], place: Place, depth: usize) -> Result<(), ConfigError> {
        if depth > MAX_DEPTH {
            return Err(ConfigError::at(place, "files include each other too deeply".into()));
        }
        for path in matching_paths(pattern, self.files) {
            let path = Text::from(path);
            let text = self
                .files
                .read(path.as_bytes())
                .map_err(|reason| ConfigError::Unreadable { path: path.clone(), reason })?;
            self.read_text(&text, Some(&path), depth)?;
        }
        Ok(())
    }
}
