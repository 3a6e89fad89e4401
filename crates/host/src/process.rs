//! The process as the engine sees it: files, limits, figures.

use crate::crash_signals::guard_thread;
use crate::disk::{Access, DataDirectory};
use crate::files::path_of;
use crate::new_file::TemporaryFile;
use crate::oom_score::OomScore;
use crate::pace::Background;
use crate::server::{least_level, listen};
use crate::shared::Shared;
use crate::title::Title;
use config::Config;
use engine::{ApplyError, Facts, Flush, Host, Level, Link, NewFile, OldFile, Pace, Urgency};
use journal::disk::Disk;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The program's allocator, which only the program knows.
#[derive(Clone, Copy)]
pub struct Allocator {
    /// Its name and version, `mimalloc-2.1.0`.
    pub name: &'static str,
    /// Gives unused memory back to the operating system.
    pub purge: fn(),
    /// Its own statistics, for people.
    pub statistics: fn() -> String,
}

impl Allocator {
    /// For programs that don't say.
    pub const UNKNOWN: Allocator = Allocator { name: "unknown", purge: || (), statistics: String::new };
}

/// The engine's host: this process.
pub(crate) struct ProcessHost {
    shared: Weak<Shared>,
    access: Access,
    /// Files begun so far: tells apart those that are written at a time.
    created: AtomicU64,
    config_file: Option<PathBuf>,
    allocator: Allocator,
    title: Option<Title>,
    oom_score: OomScore,
}

impl ProcessHost {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        access: Access,
        config_file: Option<PathBuf>,
        allocator: Allocator,
        title: Option<Title>,
    ) -> ProcessHost {
        let host = ProcessHost {
            shared: Arc::downgrade(shared),
            access,
            created: AtomicU64::new(0),
            config_file,
            allocator,
            title,
            oom_score: OomScore::of_process(),
        };
        let config = shared.config();
        host.show_title(&config);
        // Why it can't be adjusted is in the log, and nothing else depends on it.
        let _ = host.adjust_oom_score(&config);
        host
    }

    fn adjust_oom_score(&self, config: &Config) -> Result<(), String> {
        self.oom_score.follow(config).map_err(|error| {
            self.log(Level::Warning, &format!("Unable to write oom_score_adj: {}", crate::reason(&error)));
            "Failed to set current oom_score_adj. Check server logs.".to_owned()
        })
    }

    /// Follows `oom-score-adj` where it has changed.
    fn change_oom_score(&self, old: &Config, new: &Config) -> Result<(), ApplyError> {
        let directive = match (
            old.oom_score_adj != new.oom_score_adj,
            old.oom_score_adj_values != new.oom_score_adj_values,
        ) {
            (true, _) => "oom-score-adj",
            (false, true) => "oom-score-adj-values",
            (false, false) => return Ok(()),
        };
        self.adjust_oom_score(new).map_err(|reason| ApplyError { directive, reason })
    }

    fn show_title(&self, config: &Config) {
        if let Some(title) = &self.title {
            title.show(config, self.config_file.as_deref());
        }
    }

    fn data_directory(&self) -> DataDirectory {
        DataDirectory::new(&self.shared, self.access)
    }
}

impl Host for ProcessHost {
    fn apply(&self, old: &Config, new: &mut Config) -> Result<(), ApplyError> {
        let Some(shared) = self.shared.upgrade() else { return Ok(()) };
        if new.maxclients > old.maxclients {
            crate::limits::raise_open_files(new.maxclients).map_err(|clients| {
                let reason = format!(
                    "The operating system is not able to handle the specified number of clients, try with {clients}"
                );
                ApplyError { directive: "maxclients", reason }
            })?;
        }
        self.change_oom_score(old, new)?;
        change_places(&shared, old, new).inspect_err(|_| {
            // The old score was in force before: it is allowed, or nothing can be done about it.
            let _ = self.change_oom_score(new, old);
        })?;
        shared.log.set_level(least_level(new.loglevel));
        self.show_title(new);
        shared.set_config(new.clone());
        shared.tell_workers();
        Ok(())
    }

    fn read_config_file(&self) -> io::Result<Option<Vec<u8>>> {
        self.config_file.as_ref().map(std::fs::read).transpose()
    }

    fn write_config_file(&self, text: &[u8]) -> io::Result<()> {
        let Some(path) = &self.config_file else { return Ok(()) };
        let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
        let mut file = File::create(&temporary)?;
        if let Ok(old) = std::fs::metadata(path) {
            // It may hold passwords that not everybody is to read.
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(std::path::Path::new(".")))?.sync_all()
    }

    fn create_file(&self, name: &[u8], flush: Flush) -> io::Result<Box<dyn NewFile>> {
        self.access.to_change()?;
        let number = self.created.fetch_add(1, Relaxed);
        Ok(Box::new(TemporaryFile::create(self.data_directory().path(name), number, flush)?))
    }

    fn open_file(&self, name: &[u8]) -> io::Result<Option<OldFile>> {
        match File::open(self.data_directory().path(name)) {
            Ok(file) => Ok(Some(OldFile { bytes: file.metadata()?.len(), contents: Box::new(file) })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.data_directory())
    }

    fn spawn(&self, name: &str, urgency: Urgency, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        let thread = std::thread::Builder::new().name(name.into());
        thread.spawn(move || {
            let _signals = guard_thread();
            if urgency == Urgency::Background {
                crate::pace::become_background();
            }
            work();
        })?;
        Ok(())
    }

    fn connect(&self, host: &str, port: u16, timeout: Duration) -> io::Result<Box<dyn Link>> {
        Ok(Box::new(crate::outgoing::connect(host, port, timeout)?))
    }

    fn pace(&self) -> Box<dyn Pace> {
        Box::new(Background::new())
    }

    fn facts(&self) -> Facts {
        let memory = read_status();
        let shared = self.shared.upgrade();
        let port = shared.as_ref().map_or(0, |shared| shared.config().port);
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
            sockets: shared.as_ref().map_or("", |shared| shared.sockets()),
            allocator: self.allocator.name,
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

    fn purge_memory(&self) {
        (self.allocator.purge)();
    }

    fn allocator_statistics(&self) -> String {
        (self.allocator.statistics)()
    }

    fn crash(&self) {
        // Where the signal can't be sent, the process goes on: nobody depends on its end.
        let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSEGV);
    }

    fn stop(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.stop();
        }
    }
}

/// Enters the new directory and listens on the new addresses, where they are others.
fn change_places(shared: &Shared, old: &Config, new: &mut Config) -> Result<(), ApplyError> {
    if new.dir != old.dir {
        enter_dir(new)?;
    }
    if (new.port, &new.bind) == (old.port, &old.bind) {
        return Ok(());
    }
    relisten(shared, old, new).inspect_err(|_| {
        // The old directory was entered before: it exists, or nothing can be done about it.
        let _ = enter_dir(&mut old.clone());
    })
}

/// Makes `dir` the working directory.
fn enter_dir(config: &mut Config) -> Result<(), ApplyError> {
    std::env::set_current_dir(path_of(config.dir.as_bytes()))
        .map_err(|error| ApplyError { directive: "dir", reason: crate::reason(&error) })?;
    absolute_dir(config);
    Ok(())
}

/// Listens on the new addresses before the old ones are given up, if the port is another; else the old sockets are in
/// the way, and come back if the new ones can't be had.
fn relisten(shared: &Shared, old: &Config, new: &Config) -> Result<(), ApplyError> {
    let (directive, reason) = match new.port == old.port {
        true => ("bind", "Failed to bind to specified addresses."),
        false => ("port", "Unable to listen on this port. Check server logs."),
    };
    let tcp_of = |config: &Config| {
        let tcp_only = Config { unixsocket: "".into(), ..config.clone() };
        listen(&tcp_only, &shared.log)
            .map(|listeners| listeners.into_iter().map(Arc::new).collect::<Vec<_>>())
    };
    let set_tcp = |tcp: Vec<_>| {
        let mut listeners = shared.listeners.lock();
        listeners.retain(|listener| listener.port().is_none());
        listeners.extend(tcp);
    };
    if new.port == old.port {
        let listeners = shared.listeners.lock();
        listeners.iter().filter(|listener| listener.port().is_some()).for_each(|listener| listener.give_up());
    }
    match tcp_of(new) {
        Ok(tcp) => {
            set_tcp(tcp);
            Ok(())
        }
        Err(_) => {
            if new.port == old.port {
                set_tcp(tcp_of(old).unwrap_or_default());
                shared.tell_workers();
            }
            Err(ApplyError { directive, reason: reason.into() })
        }
    }
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

/// Processor time of the process in the system and in its own code, microseconds.
fn cpu_us() -> (u64, u64) {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills in the structure it is given; all zeroes is a valid one.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let us = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
    (us(usage.ru_stime), us(usage.ru_utime))
}

/// Has `dir` say the working directory's whole path.
pub(crate) fn absolute_dir(config: &mut Config) {
    if let Ok(path) = std::env::current_dir() {
        config.dir = path.into_os_string().into_vec().into();
    }
}
