//! What the engine asks of whoever runs it: everything that needs a system call.

use config::Config;
use journal::disk::Disk;
use std::sync::Arc;
use std::time::Duration;

/// How serious a log line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Level {
    /// For developers.
    Debug,
    /// Much detail.
    Verbose,
    /// What an operator wants to know.
    Notice,
    /// What an operator must know.
    Warning,
}

/// A changed directive that can't be put in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplyError {
    /// The directive.
    pub directive: &'static str,
    /// Why.
    pub reason: String,
}

/// What the process and the machine are like.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Process id.
    pub pid: u32,
    /// Operating system, release and machine, as `uname` has them.
    pub os: String,
    /// The program's path.
    pub executable: String,
    /// The configuration file's path; empty: none.
    pub config_file: String,
    /// The port in use; 0: none.
    pub tcp_port: u16,
    /// How connections are served: `epoll`, `io_uring`.
    pub sockets: &'static str,
    /// The allocator's name.
    pub allocator: &'static str,
    /// Resident memory of the process.
    pub resident_bytes: u64,
    /// Most resident memory so far.
    pub peak_resident_bytes: u64,
    /// Memory of the machine.
    pub total_bytes: u64,
    /// Processor time of the process, in the system and in its own code, in microseconds.
    pub cpu_us: (u64, u64),
}

/// A file being written, which takes its name only when it is whole. Dropping it leaves no trace.
pub trait NewFile: Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk is full, or fails.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()>;

    /// Makes the file durable and gives it its name, in place of a file that has it: after a crash there is the old one or
    /// the new one.
    ///
    /// # Errors
    /// As for `write`; the old file is still there then.
    fn commit(self: Box<Self>) -> std::io::Result<()>;
}

/// When a new file is forced to the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flush {
    /// When it is whole.
    AtEnd,
    /// While it is written too, so that the last flush isn't a long one.
    Meanwhile,
}

impl Flush {
    /// What a directive says.
    pub(crate) fn incremental(on: bool) -> Flush {
        if on { Flush::Meanwhile } else { Flush::AtEnd }
    }
}

/// Has a thread give way to the workers.
pub trait Pace {
    /// Called now and then by work that may take long: rests while the workers want the processors.
    fn give_way(&mut self);
}

/// A file to be read from its beginning.
pub struct OldFile {
    /// Its length, bytes.
    pub bytes: u64,
    /// Its contents.
    pub contents: Box<dyn std::io::Read + Send>,
}

/// A connection to another server, for a thread that may wait.
pub trait Link: std::io::Read + std::io::Write + Send {
    /// From now on reading and writing fail when nothing has happened for so long.
    ///
    /// # Errors
    /// When the connection is broken.
    fn set_timeout(&mut self, timeout: Duration) -> std::io::Result<()>;
}

/// How a thread stands to the workers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Urgency {
    /// It gives way to them.
    Background,
    /// It is one of them.
    Work,
}

/// The system's reason for an error, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Whoever runs the engine.
pub trait Host: Send + Sync {
    /// Puts changed settings in force as far as they need system calls (addresses, files, limits of the process), and
    /// writes into `new` what they have become (`dir` as a whole path).
    ///
    /// # Errors
    /// The first directive that can't be put in force; then nothing has changed.
    fn apply(&self, old: &Config, new: &mut Config) -> Result<(), ApplyError>;

    /// The configuration file's present text; none: the server was started without a file.
    ///
    /// # Errors
    /// When it can't be read.
    fn read_config_file(&self) -> std::io::Result<Option<Vec<u8>>>;

    /// Replaces the configuration file, so that after a crash there is the old text or the new one.
    ///
    /// # Errors
    /// When it can't be written.
    fn write_config_file(&self, text: &[u8]) -> std::io::Result<()>;

    /// Begins a file of this name in the data directory.
    ///
    /// # Errors
    /// When it can't be created.
    fn create_file(&self, name: &[u8], flush: Flush) -> std::io::Result<Box<dyn NewFile>>;

    /// Opens a file of the data directory; none if there is no such file.
    ///
    /// # Errors
    /// When it can't be opened.
    fn open_file(&self, name: &[u8]) -> std::io::Result<Option<OldFile>>;

    /// The data directory.
    fn disk(&self) -> Arc<dyn Disk>;

    /// Runs `work` on a thread of its own.
    ///
    /// # Errors
    /// When there can't be another thread.
    fn spawn(&self, name: &str, urgency: Urgency, work: Box<dyn FnOnce() + Send>) -> std::io::Result<()>;

    /// Connects to another server by name or address. May wait, for each address at most `timeout`.
    ///
    /// # Errors
    /// `ConnectionRefused` when nobody listens there; others when there is no such host, or it doesn't answer.
    fn connect(&self, host: &str, port: u16, timeout: Duration) -> std::io::Result<Box<dyn Link>>;

    /// The pace of the calling thread, if it is one of the background.
    fn pace(&self) -> Box<dyn Pace>;

    /// What the process and the machine are like now.
    fn facts(&self) -> Facts;

    /// Writes a log line.
    fn log(&self, level: Level, text: &str);

    /// Stops the calling thread for a while: DEBUG SLEEP.
    fn sleep_us(&self, us: u64);

    /// Gives unused memory back to the operating system: MEMORY PURGE.
    fn purge_memory(&self);

    /// The allocator's own statistics, for people: MEMORY MALLOC-STATS.
    fn allocator_statistics(&self) -> String;

    /// Ends the process as an access to memory that isn't its own does: DEBUG SEGFAULT.
    fn crash(&self);

    /// Begins to stop the server. Returns at once.
    fn stop(&self);
}
