//! The I/O edge: which sockets are ready. Narrow, so that io_uring can stand beside epoll.

use rustix::event::epoll;
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// What the poller says of a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// The number it was added with.
    pub(crate) token: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// Level-triggered readiness.
pub(crate) struct Poller {
    epoll: OwnedFd,
}

/// Events taken per wait.
const EVENTS: usize = 512;

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        Ok(Poller { epoll: epoll::create(epoll::CreateFlags::CLOEXEC)? })
    }

    /// Watches a connection for input.
    pub(crate) fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP;
        Ok(epoll::add(&self.epoll, socket, epoll::EventData::new_u64(token), flags)?)
    }

    /// Watches a listening socket that all workers watch: one of them is woken per connection.
    pub(crate) fn add_shared(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::EXCLUSIVE;
        Ok(epoll::add(&self.epoll, socket, epoll::EventData::new_u64(token), flags)?)
    }

    /// Watches a connection for room for output too, or no longer.
    pub(crate) fn set_writable(&self, socket: impl AsFd, token: u64, writable: bool) -> io::Result<()> {
        let mut flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP;
        flags.set(epoll::EventFlags::OUT, writable);
        Ok(epoll::modify(&self.epoll, socket, epoll::EventData::new_u64(token), flags)?)
    }

    /// No longer watches a socket.
    pub(crate) fn remove(&self, socket: impl AsFd) {
        // Fails only for a socket that isn't watched.
        let _ = epoll::delete(&self.epoll, socket);
    }

    /// Waits until a socket is ready or the time is up.
    pub(crate) fn wait(&self, timeout: Duration, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        let mut space = [const { MaybeUninit::<epoll::Event>::uninit() }; EVENTS];
        let timeout = rustix::event::Timespec {
            tv_sec: timeout.as_secs() as i64,
            tv_nsec: i64::from(timeout.subsec_nanos()) as _,
        };
        let events = match epoll::wait(&self.epoll, &mut space[..], Some(&timeout)) {
            Ok((events, _)) => events,
            Err(Errno::INTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let hung_up = epoll::EventFlags::HUP | epoll::EventFlags::ERR | epoll::EventFlags::RDHUP;
        ready.extend(events.iter().map(|event| {
            let flags = event.flags;
            Ready {
                token: event.data.u64(),
                readable: flags.intersects(epoll::EventFlags::IN | hung_up),
                writable: flags.contains(epoll::EventFlags::OUT),
            }
        }));
        Ok(())
    }
}
