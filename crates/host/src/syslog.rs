//! Log lines to syslog too: `syslog-enabled`.
//!
//! A line is a datagram to the socket that every syslog service listens on, in the form of RFC 3164:
//! `<priority>Mmm dd hh:mm:ss ident[pid]: text`, the priority being eight times the facility plus the severity.

use config::{Config, SyslogFacility};
use engine::Level;
use jiff::Zoned;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

/// Where a syslog service listens.
const SOCKET: &str = "/dev/log";
/// Longer texts are cut off: services take no longer datagrams.
const TEXT_MAX: usize = 2048;

/// The way to the syslog service.
pub(crate) struct Syslog {
    socket: UnixDatagram,
    path: PathBuf,
    facility: u8,
    ident: String,
}

impl Syslog {
    /// What a configuration asks for; none if it doesn't, or if no socket can be made.
    pub(crate) fn of(config: &Config) -> Option<Syslog> {
        config.syslog_enabled.then(|| Syslog::to(SOCKET.into(), config)).flatten()
    }

    fn to(path: PathBuf, config: &Config) -> Option<Syslog> {
        let socket = UnixDatagram::unbound().ok()?;
        // A service that doesn't keep up loses lines; nobody waits for it.
        socket.set_nonblocking(true).ok()?;
        let ident = String::from_utf8_lossy(config.syslog_ident.as_bytes()).into_owned();
        Some(Syslog { socket, path, facility: number(config.syslog_facility), ident })
    }

    /// Sends a line. The service may be restarted, or be missing: then the line is lost.
    pub(crate) fn send(&self, level: Level, text: &str) {
        let priority = self.facility * 8 + severity(level);
        let (time, pid) = (Zoned::now().strftime("%b %e %H:%M:%S"), std::process::id());
        let text = &text[..text.floor_char_boundary(TEXT_MAX)];
        let line = format!("<{priority}>{time} {}[{pid}]: {}", self.ident, text.trim_end());
        let _ = self.socket.send_to(line.as_bytes(), &self.path);
    }
}

/// The facility's code.
fn number(facility: SyslogFacility) -> u8 {
    match facility {
        SyslogFacility::User => 1,
        SyslogFacility::Local0 => 16,
        SyslogFacility::Local1 => 17,
        SyslogFacility::Local2 => 18,
        SyslogFacility::Local3 => 19,
        SyslogFacility::Local4 => 20,
        SyslogFacility::Local5 => 21,
        SyslogFacility::Local6 => 22,
        SyslogFacility::Local7 => 23,
    }
}

/// The severity's code: debug, informational, notice, warning.
fn severity(level: Level) -> u8 {
    match level {
        Level::Debug => 7,
        Level::Verbose => 6,
        Level::Notice => 5,
        Level::Warning => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(service: &UnixDatagram) -> String {
        let mut buffer = [0; 4096];
        let len = service.recv(&mut buffer).expect("a line has been sent");
        String::from_utf8_lossy(&buffer[..len]).into_owned()
    }

    #[test]
    fn lines_carry_priority_time_name_and_pid() {
        let path = std::env::temp_dir().join(format!("redstart-syslog-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let service = UnixDatagram::bind(&path).expect("a free name");
        let config = Config {
            syslog_facility: SyslogFacility::Local3,
            syslog_ident: "cache".into(),
            ..Config::default()
        };
        let syslog = Syslog::to(path.clone(), &config).expect("a socket");
        syslog.send(Level::Warning, "disk is full\n");
        let line = arrived(&service);
        assert!(line.starts_with("<156>"), "{line}");
        assert!(line.ends_with(&format!(" cache[{}]: disk is full", std::process::id())), "{line}");
        syslog.send(Level::Debug, &"ä".repeat(3000));
        let line = arrived(&service);
        assert!(line.starts_with("<159>") && line.len() < TEXT_MAX + 100);
        // Nobody listens any more.
        drop(service);
        std::fs::remove_file(&path).expect("it was there");
        syslog.send(Level::Notice, "lost");
    }

    #[test]
    fn without_being_asked_for_there_is_none() {
        assert!(Syslog::of(&Config::default()).is_none());
    }
}
