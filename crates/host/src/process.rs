//! The process as the engine sees it: files, limits, figures.

use crate::server::{least_level, listen};
use crate::shared::Shared;
use config::Config;
use engine::{ApplyError, Facts, Host, Level};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// The engine's host: this process.
pub(crate) struct ProcessHost {
    shared: Weak<Shared>,
    config_file: Option<PathBuf>,
}

impl ProcessHost {
    pub(crate) fn new(shared: &Arc<Shared>, config_file: Option<PathBuf>) -> ProcessHost {
        ProcessHost { shared: Arc::downgrade(shared), config_file }
    }
}

impl Host for ProcessHost {
    fn apply(&self, old: &Config, new: &Config) -> Result<(), ApplyError> {
        let Some(shared) = self.shared.upgrade() else { return Ok(()) };
        if new.dir != old.dir {
            std::env::set_current_dir(new.dir.to_string())
                .map_err(|error| ApplyError { directive: "dir", reason: error.to_string() })?;
        }
        if (new.port, &new.bind) != (old.port, &old.bind) {
            relisten(&shared, old, new)?;
        }
        shared.log.set_level(least_level(new.loglevel));
        shared.set_config(new.clone());
        if let Some(engine) = shared.engine() {
            engine.post_all(|| engine::Mail::ConfigChanged);
        }
        Ok(())
    }

    fn read_config_file(&self) -> io::Result<Option<Vec<u8>>> {
        self.config_file.as_ref().map(std::fs::read).transpose()
    }

    fn write_config_file(&self, text: &[u8]) -> io::Result<()> {
        let Some(path) = &self.config_file else { return Ok(()) };
        let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(std::path::Path::new(".")))?.sync_all()
    }

    fn facts(&self) -> Facts {
        let memory = read_status();
        let port = self.shared.upgrade().map_or(0, |shared| shared.config().port);
        let uname = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        Facts {
            pid: std::process::id(),
            os: format!("{} {} {}", text(uname.sysname()), text(uname.release()), text(uname.machine())),
            executable: std::env::current_exe()
                .map_or_else(|_| String::new(), |path| path.display().to_string()),
            config_file: self
                .config_file
                .as_ref()
                .map_or_else(String::new, |path| path.display().to_string()),
            tcp_port: port,
            resident_bytes: memory.resident_bytes,
            peak_resident_bytes: memory.peak_bytes,
            total_bytes: rustix::system::sysinfo().totalram as u64,
            cpu_us: cpu_us(),
        }
    }

    fn log(&self, level: Level, text: &str) {
        if let Some(shared) = self.shared.upgrade() {
            shared.log.write(level, text);
        }
    }

    fn sleep_us(&self, us: u64) {
        std::thread::sleep(std::time::Duration::from_micros(us));
    }

    fn purge_memory(&self) {}

    fn stop(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.stop();
        }
    }
}

/// Listens on the new addresses before the old ones are given up.
fn relisten(shared: &Shared, old: &Config, new: &Config) -> Result<(), ApplyError> {
    let directive = if new.port != old.port { "port" } else { "bind" };
    let refused =
        |_| ApplyError { directive, reason: "Unable to listen on this port. Check server logs.".into() };
    let kept: Vec<_> =
        shared.listeners.lock().iter().filter(|listener| listener.port().is_none()).cloned().collect();
    if new.port == old.port {
        // The same port on other addresses: the old sockets are in the way.
        shared.listeners.lock().retain(|listener| listener.port().is_none());
    }
    let tcp_only = Config { unixsocket: "".into(), ..new.clone() };
    let listeners = listen(&tcp_only, &shared.log).map_err(refused)?;
    *shared.listeners.lock() = kept.into_iter().chain(listeners.into_iter().map(Arc::new)).collect();
    Ok(())
}

#[derive(Default)]
struct Memory {
    resident_bytes: u64,
    peak_bytes: u64,
}

/// Resident memory, from `/proc/self/status`; zero where there is none.
fn read_status() -> Memory {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
    };
    Memory { resident_bytes: kib("VmRSS:") * 1024, peak_bytes: kib("VmHWM:") * 1024 }
}

/// Processor time in the system and in the process' own code, from `/proc/self/stat` (fields 15 and 14, in hundredths
/// of a second on every Linux).
fn cpu_us() -> (u64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    (ticks(12) * 10_000, ticks(11) * 10_000)
}
