//! A server with real sockets, served by io_uring where that is allowed, else by epoll.

mod sockets;

const IO_ENGINE: &str = "auto";
