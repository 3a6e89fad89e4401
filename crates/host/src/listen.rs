//! Listening sockets: TCP and unix.

use engine::Peer;
use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A listening socket.
pub(crate) struct Listener {
    socket: Socket,
    /// Where the unix socket lies; removed with the listener.
    path: Option<PathBuf>,
}

impl Listener {
    /// Listens on an address.
    pub(crate) fn tcp(address: SocketAddr, backlog: i32) -> io::Result<Listener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(backlog)?;
        Ok(Listener { socket, path: None })
    }

    /// Listens on a unix socket, in place of what lies at its path.
    pub(crate) fn unix(path: &Path, permissions: u32, backlog: i32) -> io::Result<Listener> {
        let _ = std::fs::remove_file(path);
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SockAddr::unix(path)?)?;
        socket.listen(backlog)?;
        if permissions != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(permissions))?;
        }
        Ok(Listener { socket, path: Some(path.to_owned()) })
    }

    /// The port of a TCP listener.
    pub(crate) fn port(&self) -> Option<u16> {
        Some(self.socket.local_addr().ok()?.as_socket()?.port())
    }

    /// Stops listening, so that another socket may have the address, though workers still hold this one.
    pub(crate) fn give_up(&self) {
        // Fails only if it has been given up already.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
    }

    /// The next waiting connection, if there is one.
    pub(crate) fn accept(&self) -> io::Result<Option<(OwnedFd, Peer)>> {
        let flags = rustix::net::SocketFlags::NONBLOCK | rustix::net::SocketFlags::CLOEXEC;
        let socket = match rustix::net::accept_with(&self.socket, flags) {
            Ok(socket) => socket,
            // Invalid: it has been given up.
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED | Errno::INVAL) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let peer = self.peer(&socket);
        Ok(Some((socket, peer)))
    }

    fn peer(&self, socket: &OwnedFd) -> Peer {
        if let Some(path) = &self.path {
            return Peer::Unix(path.display().to_string());
        }
        let socket = SockRef::from(socket);
        let text = |address: io::Result<SockAddr>| {
            let address = address.ok().and_then(|address| address.as_socket());
            (address.map_or_else(|| "?:0".into(), |a| a.to_string()), address)
        };
        let (remote, address) = text(socket.peer_addr());
        let (local, _) = text(socket.local_addr());
        Peer::Tcp { remote, local, loopback: address.is_some_and(|a| a.ip().is_loopback()) }
    }

    /// Sets a new connection's options. Failing to is no reason to refuse it.
    pub(crate) fn prepare(&self, socket: &OwnedFd, keepalive_s: u64) {
        if self.path.is_some() {
            return;
        }
        let socket = SockRef::from(socket);
        let _ = socket.set_tcp_nodelay(true);
        if keepalive_s > 0 {
            let interval = Duration::from_secs((keepalive_s / 3).max(1));
            let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(keepalive_s));
            let _ = socket.set_tcp_keepalive(&keepalive.with_interval(interval).with_retries(3));
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}
