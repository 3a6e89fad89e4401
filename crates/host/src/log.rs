//! The log: lines in Redis' format, to a file or to standard output, and to syslog on demand.
//!
//! `pid:role day month year hour:minute:second.millisecond level message`

use crate::syslog::Syslog;
use engine::Level;
use jiff::Zoned;
use parking_lot::RwLock;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The log.
pub struct Log {
    /// The file; none: standard output.
    path: Option<PathBuf>,
    /// The least serious level that is written; none: nothing is.
    least: RwLock<Option<Level>>,
    /// Whether the process has come so far that its lines are a primary's.
    serving: AtomicBool,
    /// `syslog-enabled`.
    syslog: Option<Syslog>,
}

impl Log {
    /// A log to a file, or to standard output, of lines that are at least as serious as `least`.
    pub fn new(path: Option<PathBuf>, least: Option<Level>) -> Log {
        Log { path, least: RwLock::new(least), serving: AtomicBool::new(false), syslog: None }
    }

    /// The same log, with its lines going to syslog too.
    pub(crate) fn with_syslog(self, syslog: Option<Syslog>) -> Log {
        Log { syslog, ..self }
    }

    /// Changes which lines are written.
    pub fn set_level(&self, least: Option<Level>) {
        *self.least.write() = least;
    }

    /// From now on lines carry the mark of a serving primary, `M`, in place of that of a process being started, `C`.
    pub fn begin_serving(&self) {
        self.serving.store(true, Relaxed);
    }

    /// Writes a line.
    pub fn write(&self, level: Level, text: &str) {
        if self.writes(level) {
            let role = if self.serving.load(Relaxed) { 'M' } else { 'C' };
            let mark = match level {
                Level::Debug => '.',
                Level::Verbose => '-',
                Level::Notice => '*',
                Level::Warning => '#',
            };
            self.append(&format!("{}:{role} {} {mark} {text}\n", std::process::id(), timestamp()));
            self.send(level, text);
        }
    }

    /// Writes text as it is.
    pub fn write_raw(&self, level: Level, text: &str) {
        if self.writes(level) {
            self.append(text);
            self.send(level, text);
        }
    }

    fn send(&self, level: Level, text: &str) {
        if let Some(syslog) = &self.syslog {
            syslog.send(level, text);
        }
    }

    fn writes(&self, level: Level) -> bool {
        self.least.read().is_some_and(|least| level >= least)
    }

    /// The file is opened for each line, as Redis does, so that it may be rotated by renaming.
    fn append(&self, text: &str) {
        // A log that can't be written mustn't stop the server.
        let _ = self.try_append(text);
    }

    fn try_append(&self, text: &str) -> io::Result<()> {
        match &self.path {
            None => write_out(text.as_bytes()),
            Some(path) => OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes()),
        }
    }

    /// Whether the log can be written.
    ///
    /// # Errors
    /// When its file can't be opened.
    pub fn check(&self) -> io::Result<()> {
        self.try_append("")
    }
}

/// Writes to standard output, past the standard library's buffer: a crash report may be made by a handler that has interrupted
/// the very thread that uses it.
fn write_out(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(io::stdout(), bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Local time; UTC where the machine has no time zone.
fn timestamp() -> String {
    Zoned::now().strftime("%d %b %Y %H:%M:%S.%3f").to_string()
}
