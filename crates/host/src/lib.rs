//! The host: the only crate that makes system calls. Event loops, sockets, threads, clocks, the log.

mod address;
mod banner;
mod check;
mod clock;
mod connection;
mod crash;
mod crash_signals;
mod daemon;
mod disk;
mod edge;
mod files;
mod freer;
mod limits;
mod listen;
mod log;
mod new_file;
mod oom_score;
mod outgoing;
mod pace;
mod poller;
mod process;
pub mod program;
mod ring;
mod server;
mod shared;
mod signal_stack;
mod signals;
mod supervisor;
mod syslog;
mod title;
mod verify;
mod wake;
mod worker_loop;

pub use clock::{ManualClock, SystemClock, Time};
pub use crash::CrashSettings;
pub use daemon::PidFile;
pub use disk::Access;
pub use log::Log;
pub use process::Allocator;
pub use server::{Options, Server};
pub use signals::{StopSignal, StopSignals};
pub use supervisor::Supervisor;
pub use title::Title;

/// The system's reason for an error, without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
