//! Signals that end the process because of a bug: a report with the stack goes to the log first.
//!
//! A handler may interrupt anything, the allocator too, and making the report allocates. So there is a time limit: a report
//! that can't go on is ended by SIGALRM, whose default is to end the process. The handler runs on a stack of its own
//! ([`SignalStack`]), which each thread of the server has, so that a stack that has overflown leaves a report too.

use crate::crash::CrashSettings;
use crate::log::Log;
use crate::signal_stack::SignalStack;
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
/// Lines of a stack that a report shows: two for each function.
const LINES_MAX: usize = 400;

/// Where a report goes. A handler has no parameters of ours: it finds this here, set once and never changed.
static REPORTER: OnceLock<(Arc<Log>, Arc<CrashSettings>)> = OnceLock::new();

/// Has the process report these signals from now on.
pub(crate) fn install(log: Arc<Log>, settings: Arc<CrashSettings>) {
    if REPORTER.set((log, settings)).is_err() {
        return;
    }
    // The first thread's stack is never given back: the thread lives as long as the process.
    std::mem::forget(guard_thread());
    for (signal, _) in SIGNALS {
        // SAFETY: the structure is valid when all zeros; the handler has the form that SA_SIGINFO asks for.
        // SA_RESETHAND: a second fault, in the report say, ends the process.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = report as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_RESETHAND | libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
}

/// Lets crashes of the calling thread be reported though its stack has overflown, until the answer is dropped. Does nothing
/// in a process that reports no crashes: in a program that has a server in it, its threads are the program's.
pub(crate) fn guard_thread() -> Option<SignalStack> {
    REPORTER.get().and_then(|_| SignalStack::install())
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
    write_stack(log);
    log.write_raw(Level::Warning, "=== REDSTART/REDIS BUG REPORT END ===\n\n");
}

/// Writes the innermost functions of the present stack: one that has overflown is of one recursion, mostly.
pub(crate) fn write_stack(log: &Log) {
    let stack = Backtrace::force_capture().to_string();
    let mut lines = stack.split_inclusive('\n');
    let shown: String = lines.by_ref().take(LINES_MAX).collect();
    let left_out = lines.count();
    let rest = if left_out > 0 { format!("({left_out} more lines)\n") } else { String::new() };
    log.write_raw(Level::Warning, &format!("\n------ STACK TRACE ------\n{shown}{rest}\n"));
}
