//! Running in the background: the detached process and its pid file.

use crate::log::Log;
use engine::Level;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The pid file of a process in the background that names none.
pub(crate) const DEFAULT_PID_FILE: &str = "/var/run/redis.pid";

/// Goes on in a detached child of a child; the calling process ends here. To be called while there is one thread.
///
/// # Errors
/// When a process can't be made.
pub(crate) fn detach() -> io::Result<()> {
    fork_and_end_parent()?;
    rustix::process::setsid()?;
    // A process that isn't the leader of its session can't be given a terminal again.
    fork_and_end_parent()?;
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}

fn fork_and_end_parent() -> io::Result<()> {
    // SAFETY: the process has one thread (the caller's promise), so that the child finds every lock free.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(()),
        _ => std::process::exit(0),
    }
}

/// A pid file; removed when dropped.
pub struct PidFile {
    path: PathBuf,
    log: Arc<Log>,
}

impl PidFile {
    /// Writes this process' number into a file. A server serves without one too, so failing is only logged.
    pub(crate) fn write(path: &Path, log: &Arc<Log>) -> Option<PidFile> {
        match std::fs::write(path, format!("{}\n", std::process::id())) {
            Ok(()) => Some(PidFile { path: path.to_owned(), log: log.clone() }),
            Err(error) => {
                let text = format!("Failed to write PID file: {}", crate::reason(&error));
                log.write(Level::Notice, &text);
                None
            }
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        self.log.write(Level::Notice, "Removing the pid file.");
        // Gone already: somebody else has tidied up.
        let _ = std::fs::remove_file(&self.path);
    }
}
