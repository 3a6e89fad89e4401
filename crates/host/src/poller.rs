//! The I/O edge by epoll: which sockets are ready.

use rustix::event::epoll;
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What the poller says of a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// The number it was added with.
    pub(crate) token: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// What of a socket is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Interest {
    /// That input arrives.
    pub(crate) input: bool,
    /// That there is room for output.
    pub(crate) output: bool,
}

impl Interest {
    /// Nothing: the socket isn't watched.
    pub(crate) const NONE: Interest = Interest { input: false, output: false };
    /// Input alone.
    pub(crate) const INPUT: Interest = Interest { input: true, output: false };

    fn flags(self) -> epoll::EventFlags {
        let mut flags = epoll::EventFlags::empty();
        flags.set(epoll::EventFlags::IN | epoll::EventFlags::RDHUP, self.input);
        flags.set(epoll::EventFlags::OUT, self.output);
        flags
    }
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

    /// Watches a socket for input.
    pub(crate) fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        self.change(socket, token, Interest::NONE, Interest::INPUT)
    }

    /// Watches a socket for something else than before.
    pub(crate) fn change(
        &self,
        socket: impl AsFd,
        token: u64,
        before: Interest,
        after: Interest,
    ) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        match (before, after) {
            _ if before == after => Ok(()),
            (Interest::NONE, _) => Ok(epoll::add(&self.epoll, socket, data, after.flags())?),
            (_, Interest::NONE) => Ok(epoll::delete(&self.epoll, socket)?),
            _ => Ok(epoll::modify(&self.epoll, socket, data, after.flags())?),
        }
    }

    /// Watches a listening socket that all workers watch: one of them is woken per connection.
    pub(crate) fn add_shared(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::EXCLUSIVE;
        Ok(epoll::add(&self.epoll, socket, epoll::EventData::new_u64(token), flags)?)
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

impl AsFd for Poller {
    /// Readable when a socket is ready.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}
