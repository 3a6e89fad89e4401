//! What the configuration asks of the operating system, and the system's limits that it runs into.

use crate::log::Log;
use config::Config;
use engine::Level;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that the server opens besides its clients' sockets.
const OWN_FILES: u64 = 32;

/// Raises the limit of open files to what `maxclients` needs; where that can't be, lowers `maxclients`.
///
/// # Errors
/// When not even one client would be left.
pub(crate) fn fit_clients_to_open_files(config: &mut Config, log: &Log) -> Result<(), String> {
    let wanted = u64::from(config.maxclients) + OWN_FILES;
    let limit = getrlimit(Resource::Nofile);
    let Some(present) = limit.current.filter(|present| *present < wanted) else { return Ok(()) };
    let maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    let failure = match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => {
            let text = format!(
                "Increased maximum number of open files to {wanted} (it was originally set to {present})."
            );
            log.write(Level::Notice, &text);
            return Ok(());
        }
        Err(errno) => errno,
    };
    let reached = limit.maximum.unwrap_or(present).min(wanted);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(reached), maximum: limit.maximum });
    let open_files = if raised.is_ok() { reached } else { present };
    let clients = open_files.saturating_sub(OWN_FILES);
    if clients == 0 {
        return Err(format!(
            "Your current 'ulimit -n' of {open_files} is not enough for the server to start. \
             Please increase your open file limit to at least {}. Exiting.",
            OWN_FILES + 1
        ));
    }
    log_lowered(log, config.maxclients, wanted, open_files, &crate::reason(&failure.into()));
    config.maxclients = clients as u32;
    Ok(())
}

fn log_lowered(log: &Log, maxclients: u32, wanted: u64, open_files: u64, reason: &str) {
    let lines = [
        format!("You requested maxclients of {maxclients} requiring at least {wanted} max file descriptors."),
        format!("Server can't set maximum open files to {wanted} because of OS error: {reason}."),
        format!(
            "Current maximum open files is {open_files}. maxclients has been reduced to {} to compensate for low \
             ulimit. If you need higher maxclients increase 'ulimit -n'.",
            open_files - OWN_FILES
        ),
    ];
    lines.iter().for_each(|line| log.write(Level::Warning, line));
}

/// Raises the limit of open files for a `maxclients` that is set while the server runs.
///
/// # Errors
/// The number of clients that the limit allows.
pub(crate) fn raise_open_files(maxclients: u32) -> Result<(), u64> {
    let wanted = u64::from(maxclients) + OWN_FILES;
    let limit = getrlimit(Resource::Nofile);
    let Some(present) = limit.current.filter(|present| *present < wanted) else { return Ok(()) };
    let maximum = limit.maximum.map(|maximum| maximum.max(wanted));
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
        .map_err(|_| present.saturating_sub(OWN_FILES))
}

/// Lets the system back this process' memory by small pages alone, if `disable-thp` says so.
///
/// A huge page is resident as a whole when a byte of it is used: half a million small allocations spread over a few more
/// of them than they fill. On the other hand, lookups in gigabytes of data are up to a tenth faster with them.
pub(crate) fn fit_pages(config: &Config) {
    if config.disable_thp {
        // Where the system can't, it has no huge pages.
        let _ = rustix::thread::disable_transparent_huge_pages(true);
    }
}

/// Says so if the system lets fewer connections wait than `tcp-backlog` asks for.
pub(crate) fn check_backlog(config: &Config, log: &Log) {
    const FILE: &str = "/proc/sys/net/core/somaxconn";
    let most = std::fs::read_to_string(FILE).ok().and_then(|text| text.trim().parse::<u32>().ok());
    if let Some(most) = most.filter(|most| *most > 0 && *most < config.tcp_backlog) {
        let text = format!(
            "WARNING: The TCP backlog setting of {} cannot be enforced because {FILE} is set to the lower value of {most}.",
            config.tcp_backlog
        );
        log.write(Level::Warning, &text);
    }
}
