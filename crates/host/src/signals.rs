//! SIGTERM and SIGINT: the only global state, since a signal handler can reach nothing else.

use std::sync::atomic::{AtomicBool, Ordering};

static STOP_REQUESTED: AtomicBool = AtomicBool::new(false);

/// Whether the process has been asked to stop.
pub(crate) fn stop_requested() -> bool {
    STOP_REQUESTED.load(Ordering::Acquire)
}

/// Lets SIGTERM and SIGINT ask for a stop, and ignores SIGHUP and SIGPIPE.
pub fn install() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};
    for signal in [SIGTERM, SIGINT] {
        // SAFETY: the handler stores to an atomic, which is safe in a signal handler.
        unsafe {
            signal_hook::low_level::register(signal, || STOP_REQUESTED.store(true, Ordering::Release))
        }?;
    }
    for signal in [SIGHUP, SIGPIPE] {
        // SAFETY: the handler does nothing.
        unsafe { signal_hook::low_level::register(signal, || ()) }?;
    }
    Ok(())
}
