//! What is left behind when the server has a bug: a report in the log.

use crate::log::Log;
use engine::Level;
use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::Arc;

/// What happens when a thread panics, besides the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CrashOptions {
    /// `crash-log-enabled`: write a report.
    pub(crate) report: bool,
    /// `use-exit-on-panic`: end the process with a status in place of a signal.
    pub(crate) exit: bool,
}

/// Has every panic of this process reported in the log before the process ends.
pub(crate) fn install_hook(log: Arc<Log>, options: impl Fn() -> CrashOptions + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |info| {
        let options = options();
        if options.report {
            report(&log, info);
        }
        if options.exit {
            std::process::exit(1);
        }
        std::process::abort();
    }));
}

fn report(log: &Log, info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = info.payload_as_str().unwrap_or("no message");
    let head = "\n\n=== REDSTART/REDIS BUG REPORT START ===\n";
    log.write_raw(Level::Warning, head);
    let thread_name = thread.name().unwrap_or("?");
    log.write(Level::Warning, &format!("Redstart {} crashed: {message}", env!("CARGO_PKG_VERSION")));
    log.write(Level::Warning, &format!("In thread {thread_name}, at {place}"));
    log.write_raw(Level::Warning, &format!("\n------ STACK TRACE ------\n{}\n", Backtrace::force_capture()));
    log.write_raw(Level::Warning, "=== REDSTART/REDIS BUG REPORT END ===\n\n");
}
