//! Signals that end the process because of a bug: a report with the stack goes to the log first.
//!
//! A handler may interrupt anything, the allocator too, and making the report allocates. So there is a time limit: a report
//! that can't go on is ended by SIGALRM, whose default is to end the process. The handler runs on the stack of the thread:
//! the alternate one, of some KiB, is too small for a report, so a stack that has overflown leaves none.

use crate::crash::CrashSettings;
use crate::log::Log;
use engine::Level;
use std::backtrace::Backtrace;
use std::ffi::c_int;
use std::sync::{Arc, OnceLock};

/// The signals, and what they are called.
const SIGNALS: [(c_int, &str); 5] = [
    (libc::SIGSEGV, "SIGSEGV"),
    (libc::SIGBUS, "SIGBUS"),
    (libc::SIGFPE, "SIGFPE"),
    (libc::SIGILL, "SIGILL"),
    (libc::SIGABRT, "SIGABRT"),
];
/// Seconds that a report may take.
const LIMIT_S: u32 = 30;

/// Where a report goes. A handler has no parameters of ours: it finds this here, set once and never changed.
static REPORTER: OnceLock<(Arc<Log>, Arc<CrashSettings>)> = OnceLock::new();

/// Has the process report these signals from now on.
pub(crate) fn install(log: Arc<Log>, settings: Arc<CrashSettings>) {
    if REPORTER.set((log, settings)).is_err() {
        return;
    }
    for (signal, _) in SIGNALS {
        // SAFETY: the structure is valid when all zeros; the handler has the form that SA_SIGINFO asks for.
        // SA_RESETHAND: a second fault, in the report say, ends the process.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = report as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_RESETHAND | libc::SA_NODEFER;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
}

/// The handler.
extern "C" fn report(signal: c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    if let Some((log, settings)) = REPORTER.get()
        && settings.begin_report()
    {
        // SAFETY: both calls are allowed in handlers.
        unsafe {
            libc::signal(libc::SIGALRM, libc::SIG_DFL);
            libc::alarm(LIMIT_S);
        }
        // SAFETY: the kernel gives the handler a valid structure, with an address for signals of faults.
        let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
        write_report(log, signal, code, address);
    }
    // SAFETY: allowed in handlers. The default is in force again, and ends the process, with a core where there are to be
    // some: at once if nothing blocks the signal, else when the handler returns.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

fn write_report(log: &Log, signal: c_int, code: c_int, address: usize) {
    let name = SIGNALS.iter().find(|(number, _)| *number == signal).map_or("?", |(_, name)| name);
    log.write_raw(
        Level::Warning,
        "\n\n=== REDSTART/REDIS BUG REPORT START: Cut & paste starting from here ===\n",
    );
    let version = env!("CARGO_PKG_VERSION");
    log.write(
        Level::Warning,
        &format!("Redstart {version} crashed by signal: {signal} ({name}), si_code: {code}"),
    );
    // Codes from 1 on are the kernel's; other processes and threads send signals without an address.
    if code > 0 && (signal == libc::SIGSEGV || signal == libc::SIGBUS) {
        log.write(Level::Warning, &format!("Accessing address: {address:#x}"));
    }
    let thread = std::thread::current();
    log.write(Level::Warning, &format!("In thread {}", thread.name().unwrap_or("?")));
    log.write_raw(Level::Warning, &format!("\n------ STACK TRACE ------\n{}\n", Backtrace::force_capture()));
    log.write_raw(Level::Warning, "=== REDSTART/REDIS BUG REPORT END ===\n\n");
}
