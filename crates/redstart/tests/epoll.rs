//! A server with real sockets, served by epoll.

mod sockets;

const IO_ENGINE: &str = "epoll";
