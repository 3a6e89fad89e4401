//! What a starting server shows: a line or, where somebody may be looking, a banner.

use crate::log::Log;
use config::Config;
use engine::Level;
use std::io::IsTerminal;

/// Shows the mode, the port and the process id.
pub(crate) fn show(config: &Config, log: &Log) {
    let mode = if config.cluster_enabled { "cluster" } else { "standalone" };
    let on_terminal = config.logfile.is_empty() && !config.daemonize && std::io::stdout().is_terminal();
    if config.always_show_logo || on_terminal {
        log.write_raw(Level::Notice, &banner(mode, config.port));
    } else {
        log.write(Level::Notice, &format!("Running mode={mode}, port={}.", config.port));
    }
}

/// Tools look for `Port: ` and `PID: `.
fn banner(mode: &str, port: u16) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let pid = std::process::id();
    let bits = usize::BITS;
    format!(
        "
      \\   |   /
        \\ | /          Redstart {version}, {bits} bit
     -----*-----       Running in {mode} mode
        / | \\          Port: {port}
      /   |   \\        PID: {pid}

"
    )
}
