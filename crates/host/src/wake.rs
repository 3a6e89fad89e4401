//! Waking a worker that waits for its sockets.

use engine::Wake;
use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// A worker's bell.
#[derive(Clone)]
pub(crate) struct Bell {
    eventfd: Arc<OwnedFd>,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Bell> {
        let eventfd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Bell { eventfd: Arc::new(eventfd) })
    }

    /// What the poller watches.
    pub(crate) fn as_fd(&self) -> &OwnedFd {
        &self.eventfd
    }

    /// Silences the bell.
    pub(crate) fn quiet(&self) {
        let mut count = [0u8; 8];
        // Nothing to read means that it hasn't rung.
        let _ = rustix::io::read(&*self.eventfd, &mut count);
    }
}

impl Wake for Bell {
    fn wake(&self) {
        // Fails only when the counter is at its end: then it rings already.
        let _ = rustix::io::write(&*self.eventfd, &1u64.to_ne_bytes());
    }
}
