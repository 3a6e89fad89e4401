//! What is left behind when the server has a bug: a report in the log.

use crate::crash_signals;
use crate::log::Log;
use config::Config;
use engine::Level;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// What happens when a thread panics. May change while the server runs.
#[derive(Default)]
pub struct CrashSettings {
    /// `crash-log-enabled`: write a report.
    report: AtomicBool,
    /// `use-exit-on-panic`: end the process with a status in place of a signal.
    exit: AtomicBool,
    /// A report has begun: what comes of ending the process is worth none.
    reported: AtomicBool,
}

impl CrashSettings {
    /// Follows a configuration.
    pub(crate) fn follow(&self, config: &Config) {
        self.report.store(config.crash_log_enabled, Relaxed);
        self.exit.store(config.use_exit_on_panic, Relaxed);
    }

    /// Whether there is to be a report now: the first one, if reports are wanted at all.
    pub(crate) fn begin_report(&self) -> bool {
        !self.reported.swap(true, Relaxed) && self.report.load(Relaxed)
    }
}

/// Has every panic of this process, and every signal that tells of a bug, reported in the log before the process ends.
pub(crate) fn install_hook(log: Arc<Log>, settings: Arc<CrashSettings>) {
    crash_signals::install(log.clone(), settings.clone());
    std::panic::set_hook(Box::new(move |info| {
        if settings.begin_report() {
            report(&log, info);
        }
        if settings.exit.load(Relaxed) {
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
    crash_signals::write_stack(log);
    log.write_raw(Level::Warning, "=== REDSTART/REDIS BUG REPORT END ===\n\n");
}
