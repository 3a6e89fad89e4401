//! Telling a supervisor (systemd, upstart) how the server is doing.

use crate::log::Log;
use config::Supervised;
use engine::Level;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Who started the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Supervisor {
    /// Nobody who wants to hear.
    None,
    /// systemd: a datagram to the socket named by `NOTIFY_SOCKET`.
    Systemd,
    /// upstart: the process stops itself until it is continued.
    Upstart,
}

impl Supervisor {
    /// The supervisor that `supervised` means in this process' environment.
    pub(crate) fn detect(setting: Supervised) -> Supervisor {
        let present = |name| std::env::var_os(name).is_some();
        match setting {
            Supervised::Upstart => Supervisor::Upstart,
            Supervised::Systemd => Supervisor::Systemd,
            Supervised::Auto if present("UPSTART_JOB") => Supervisor::Upstart,
            Supervised::Auto if present("NOTIFY_SOCKET") => Supervisor::Systemd,
            Supervised::Auto | Supervised::No => Supervisor::None,
        }
    }

    /// Called before the server listens.
    pub(crate) fn starting(self, log: &Log) {
        match self {
            Supervisor::None => {}
            Supervisor::Systemd => {
                log.write(Level::Notice, "Supervised by systemd.");
                log_failure(notify("STATUS=Starting"), log);
            }
            Supervisor::Upstart => {
                log.write(Level::Notice, "Supervised by upstart, stopping to signal readiness.");
                // Fails only if the signal doesn't exist.
                let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
            }
        }
    }

    /// Called when clients can connect.
    pub(crate) fn ready(self, log: &Log) {
        if self == Supervisor::Systemd {
            log_failure(notify("STATUS=Ready to accept connections\nREADY=1"), log);
        }
    }

    /// Called when the server begins to stop.
    pub(crate) fn stopping(self, log: &Log) {
        if self == Supervisor::Systemd {
            log_failure(notify("STOPPING=1"), log);
        }
    }
}

fn log_failure(result: io::Result<()>, log: &Log) {
    if let Err(error) = result {
        log.write(Level::Warning, &format!("systemd supervision error: {error}"));
    }
}

/// Sends a message as sd_notify(3) describes it; a name that begins with `@` is in the abstract namespace.
fn notify(message: &str) -> io::Result<()> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "NOTIFY_SOCKET not found!");
    let name = std::env::var_os("NOTIFY_SOCKET").ok_or_else(missing)?;
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&name)?,
    };
    UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address)?;
    Ok(())
}
