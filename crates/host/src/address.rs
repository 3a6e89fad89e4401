//! From `bind` and `port` to listening sockets.

use crate::listen::Listener;
use crate::log::Log;
use config::Config;
use engine::Level;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// Listens on every address of `bind`. An address with a leading dash may be missing, as `*` and `::*` may where the
/// machine doesn't have the address family.
///
/// # Errors
/// When an address that must not be missing can't be listened on.
pub(crate) fn listen_tcp(config: &Config, log: &Log) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for bind in &config.bind.0 {
        let text = bind.host.to_string();
        match listen_on(&text, config.port, config.tcp_backlog as i32) {
            Ok(listener) => listeners.push(listener),
            Err(error) if bind.optional && may_be_missing(&error) => {}
            Err(error) => {
                let (port, reason) = (config.port, crate::reason(&error));
                log.write(
                    Level::Warning,
                    &format!(
                        "Warning: Could not create server TCP listening socket {text}:{port}: bind: {reason}"
                    ),
                );
                let text = format!("Failed listening on port {port} (tcp), aborting.");
                return Err(io::Error::new(error.kind(), text));
            }
        }
    }
    Ok(listeners)
}

fn listen_on(text: &str, port: u16, backlog: i32) -> io::Result<Listener> {
    let address = match text {
        "*" => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
        "::*" => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port),
        name => (name, port)
            .to_socket_addrs()?
            .next()
            .ok_or_else(|| io::Error::new(io::ErrorKind::AddrNotAvailable, "no such address"))?,
    };
    Listener::tcp(address, backlog)
}

fn may_be_missing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = error.raw_os_error();
    let missing = [
        Errno::ADDRNOTAVAIL,
        Errno::AFNOSUPPORT,
        Errno::PROTONOSUPPORT,
        Errno::PFNOSUPPORT,
        Errno::NOPROTOOPT,
    ];
    missing.iter().any(|code| errno == Some(code.raw_os_error()))
}
