//! SIGTERM and SIGINT, as something that a worker can wait for.

use rustix::io::Errno;
use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};
use signal_hook::{flag, low_level};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A signal that asks the server to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopSignal {
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl StopSignal {
    /// The name of the signal.
    pub fn name(self) -> &'static str {
        match self {
            StopSignal::Interrupt => "SIGINT",
            StopSignal::Terminate => "SIGTERM",
        }
    }
}

/// The signals of this process. There can be one per process; servers inside other programs have none.
pub struct StopSignals {
    /// Becomes readable with every signal.
    pipe: UnixStream,
    /// The number of the latest signal that nobody has taken; 0: none.
    latest: Arc<AtomicUsize>,
}

impl StopSignals {
    /// Catches SIGTERM and SIGINT, and ignores SIGHUP and SIGPIPE. A SIGINT that comes after another of these signals
    /// ends the process at once.
    ///
    /// # Errors
    /// When a handler can't be installed.
    pub fn install() -> io::Result<StopSignals> {
        let (pipe, sender) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let latest = Arc::new(AtomicUsize::new(0));
        let asked = Arc::new(AtomicBool::new(false));
        // Handlers run in this order: the second SIGINT finds the first one's mark.
        flag::register_conditional_shutdown(SIGINT, 1, asked.clone())?;
        for signal in [SIGTERM, SIGINT] {
            flag::register(signal, asked.clone())?;
            flag::register_usize(signal, latest.clone(), signal as usize)?;
            low_level::pipe::register(signal, sender.try_clone()?)?;
        }
        for signal in [SIGHUP, SIGPIPE] {
            // Caught and forgotten.
            flag::register(signal, Arc::new(AtomicBool::new(false)))?;
        }
        Ok(StopSignals { pipe, latest })
    }

    /// The latest signal that hasn't been taken. Silences the pipe.
    pub(crate) fn take(&self) -> Option<StopSignal> {
        let mut space = [0u8; 64];
        while matches!(rustix::io::read(&self.pipe, &mut space), Ok(1..) | Err(Errno::INTR)) {}
        match self.latest.swap(0, Ordering::AcqRel) {
            0 => None,
            number if number == SIGINT as usize => Some(StopSignal::Interrupt),
            _ => Some(StopSignal::Terminate),
        }
    }
}

impl AsFd for StopSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}
