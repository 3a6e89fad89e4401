//! Connections from here to other servers.

use engine::Link;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A connection whose reads and writes don't wait for ever.
pub(crate) struct Outgoing(TcpStream);

/// Connects to the first address of a host that answers in time.
///
/// # Errors
/// That of the last address; `NotFound` when the host has none.
pub(crate) fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<Outgoing> {
    let mut last = ErrorKind::NotFound.into();
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(socket) => {
                socket.set_nodelay(true)?;
                return Ok(Outgoing(socket));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Link for Outgoing {
    fn set_timeout(&mut self, timeout: Duration) -> io::Result<()> {
        self.0.set_read_timeout(Some(timeout))?;
        self.0.set_write_timeout(Some(timeout))
    }
}

impl Read for Outgoing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
