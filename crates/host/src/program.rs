//! The server as a program: arguments, configuration file, background, and the way from the first to the last line of
//! its log.

use crate::banner;
use crate::check::Tool;
use crate::clock::Time;
use crate::crash::{self, CrashSettings};
use crate::daemon::{self, PidFile};
use crate::disk::Access;
use crate::files::{DiskFiles, path_of};
use crate::limits;
use crate::log::Log;
use crate::process::Allocator;
use crate::server::{Options, Server, least_level};
use crate::signals::StopSignals;
use crate::supervisor::Supervisor;
use crate::syslog::Syslog;
use crate::title::Title;
use crate::verify;
use config::{CommandLine, Config, ConfigError, Directive, Loaded, Status};
use engine::{Choice, Level};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const USAGE: &str = "\
Usage: redstart [/path/to/redis.conf] [options] [-]
       redstart - (read config from stdin)
       redstart -v or --version
       redstart -h or --help
       redstart --verify /path/to/data [/path/to/redis.conf] [options]
       redstart check-rdb /path/to/dump.rdb
       redstart check-aof [--fix] /path/to/appendonly.aof.manifest

Examples:
       redstart (run the server with default conf)
       echo 'maxclients 128' | redstart -
       redstart /etc/redis/6379.conf
       redstart --port 7777
       redstart /etc/redis/6379.conf --loglevel verbose
";

/// Why the program ends before it serves.
enum Failure {
    /// A configuration that can't be used: standard error says why.
    Config(ConfigError),
    /// Said in the log.
    Logged,
}

/// Runs a server as the arguments say; returns when it has stopped. Called by the name of a tool, or with one as its
/// first argument, it is that tool.
pub fn run(program: &[u8], arguments: &[Vec<u8>], allocator: Allocator) -> ExitCode {
    if let Some((tool, arguments)) = Tool::of(program, arguments) {
        return tool.run(arguments);
    }
    match arguments {
        [only] if matches!(&only[..], b"-v" | b"--version") => {
            println!("{}", version_line(&allocator));
            ExitCode::SUCCESS
        }
        [only] if matches!(&only[..], b"-h" | b"--help") => {
            eprint!("{USAGE}");
            ExitCode::FAILURE
        }
        [first, rest @ ..] if first == b"--verify" => verify_data(rest, allocator),
        _ => match start(program, &CommandLine::parse(arguments), allocator) {
            Ok(server) => {
                server.wait();
                ExitCode::SUCCESS
            }
            Err(Failure::Config(error)) => {
                eprintln!("\n{error}");
                ExitCode::FAILURE
            }
            Err(Failure::Logged) => ExitCode::FAILURE,
        },
    }
}

/// Looks at the data files of the directory that comes first, as a server with the other arguments would load them.
fn verify_data(arguments: &[Vec<u8>], allocator: Allocator) -> ExitCode {
    let Some((directory, options)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(verify::MISUSED);
    };
    let choice = if options.is_empty() { Choice::Present } else { Choice::Configured };
    let arguments = [options, &[b"--dir".to_vec(), directory.clone()]].concat();
    match load(&CommandLine::parse(&arguments)) {
        Ok((loaded, _)) => verify::run(loaded.config, choice, allocator),
        Err(failure) => {
            if let Failure::Config(error) = failure {
                eprintln!("\n{error}");
            }
            ExitCode::from(verify::MISUSED)
        }
    }
}

fn version_line(allocator: &Allocator) -> String {
    format!(
        "Redstart server v={} (Redis server v={}) malloc={} bits={}",
        env!("CARGO_PKG_VERSION"),
        engine::REDIS_VERSION,
        allocator.name,
        usize::BITS
    )
}

fn start(program: &[u8], command_line: &CommandLine, allocator: Allocator) -> Result<Server, Failure> {
    let (loaded, config_file) = load(command_line)?;
    let log = open_log(&loaded)?;
    let mut config = loaded.config;
    limits::fit_pages(&config);
    let supervisor = Supervisor::detect(config.supervised);
    if config.daemonize && supervisor == Supervisor::None {
        daemon::detach().map_err(|error| {
            log_fatal(&log, &format!("Can't go to the background: {}", crate::reason(&error)))
        })?;
    }
    let title = if config.set_proc_title { Title::claim(program) } else { None };
    say_hello(&log, command_line);
    log.begin_serving();
    limits::fit_clients_to_open_files(&mut config, &log).map_err(|text| log_fatal(&log, &text))?;
    let pid_file = pid_file(&config, supervisor, &log);
    banner::show(&config, &log);
    warn_of_settings_without_effect(&config, &log);
    limits::check_backlog(&config, &log);
    let signals = StopSignals::install()
        .map_err(|error| log_fatal(&log, &format!("Can't catch signals: {}", crate::reason(&error))))?;
    let crash = Arc::new(CrashSettings::default());
    crash::install_hook(log.clone(), crash.clone());
    supervisor.starting(&log);
    let options = Options {
        config_file,
        time: Time::System,
        load_data: true,
        access: Access::Full,
        any_port: false,
        signals: Some(signals),
        pid_file,
        log: Some(log.clone()),
        supervisor,
        crash,
        allocator,
        title,
    };
    let server = Server::start(config, options).map_err(|error| log_fatal(&log, &error.to_string()))?;
    server.announce();
    Ok(server)
}

fn log_fatal(log: &Log, text: &str) -> Failure {
    log.write(Level::Warning, text);
    Failure::Logged
}

/// Reads the configuration; answers with it the file's whole path.
fn load(command_line: &CommandLine) -> Result<(Loaded, Option<PathBuf>), Failure> {
    let unlogged = Log::new(None, Some(Level::Notice));
    let path = command_line.file.as_ref().map(|name| absolute(path_of(name)));
    let file = path.as_ref().map(|path| std::fs::read(path).map_err(|error| (path, error))).transpose();
    let file = file.map_err(|(path, error)| {
        let reason = crate::reason(&error);
        log_fatal(&unlogged, &format!("Fatal error, can't open config file '{}': {reason}", path.display()))
    })?;
    let mut stdin = Vec::new();
    if command_line.reads_stdin {
        // What can't be read is missing, and the configuration says whether that matters.
        let _ = io::stdin().read_to_end(&mut stdin);
    }
    let stdin = command_line.reads_stdin.then_some(&stdin[..]);
    match Config::load(&command_line.text(file.as_deref(), stdin), &mut DiskFiles) {
        Ok(loaded) => Ok((enter_dir(check_names(check_relied_on(loaded)?)?)?, path)),
        Err(error @ ConfigError::Unreadable { .. }) => Err(log_fatal(&unlogged, &error.to_string())),
        Err(error) => Err(Failure::Config(error)),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Directives that a server must heed or not start: whoever sets them relies on being protected, or on data that comes
/// from elsewhere or goes there.
const RELIED_ON: [&str; 6] = ["user", "aclfile", "tls-port", "replicaof", "cluster-enabled", "loadmodule"];

/// Makes sure that nothing is asked for that can't be left out and doesn't exist yet.
fn check_relied_on(loaded: Loaded) -> Result<Loaded, Failure> {
    let unheeded = loaded.config.without_effect();
    match unheeded.iter().find(|directive| RELIED_ON.contains(&directive.name)) {
        Some(Directive { name, status: Status::NotYet(feature), .. }) => {
            let message = format!("this version doesn't have {feature} yet");
            Err(Failure::Config(loaded.reject(name, message)))
        }
        _ => Ok(loaded),
    }
}

/// Makes sure that commands can be renamed as they shall be.
fn check_names(loaded: Loaded) -> Result<Loaded, Failure> {
    match engine::registry_of(&loaded.config) {
        Ok(_) => Ok(loaded),
        Err(error) => Err(Failure::Config(loaded.reject("rename-command", error.to_string()))),
    }
}

/// Makes `dir` the working directory.
fn enter_dir(mut loaded: Loaded) -> Result<Loaded, Failure> {
    std::env::set_current_dir(path_of(loaded.config.dir.as_bytes()))
        .map_err(|error| Failure::Config(loaded.reject("dir", crate::reason(&error))))?;
    crate::process::absolute_dir(&mut loaded.config);
    Ok(loaded)
}

fn open_log(loaded: &Loaded) -> Result<Arc<Log>, Failure> {
    let config = &loaded.config;
    let path = (!config.logfile.is_empty()).then(|| absolute(path_of(config.logfile.as_bytes())));
    let log = Log::new(path, least_level(config.loglevel)).with_syslog(Syslog::of(config));
    log.check().map_err(|error| {
        let message = format!("Can't open the log file: {}", crate::reason(&error));
        Failure::Config(ConfigError::Invalid { place: None, message: message.into() })
    })?;
    Ok(Arc::new(log))
}

fn say_hello(log: &Log, command_line: &CommandLine) {
    let (version, bits) = (env!("CARGO_PKG_VERSION"), usize::BITS);
    let pid = std::process::id();
    log.write(Level::Notice, "oO0OoO0OoO0Oo Redstart is starting oO0OoO0OoO0Oo");
    log.write(Level::Notice, &format!("Redstart version={version}, bits={bits}, pid={pid}, just started"));
    if *command_line == CommandLine::default() {
        let text = "Warning: no config file specified, using the default config. To use a file, give its path as the \
                    first argument: redstart /path/to/redis.conf";
        log.write(Level::Warning, text);
    } else {
        log.write(Level::Notice, "Configuration loaded");
    }
}

/// Who asks for persistence, say, must not learn only after a crash that there is none.
fn warn_of_settings_without_effect(config: &Config, log: &Log) {
    for directive in config.without_effect() {
        if let Status::NotYet(feature) = directive.status {
            let name = directive.name;
            let text = format!("WARNING: '{name}' has no effect: this version doesn't have {feature} yet.");
            log.write(Level::Warning, &text);
        }
    }
}

fn pid_file(config: &Config, supervisor: Supervisor, log: &Arc<Log>) -> Option<PidFile> {
    let detached = config.daemonize && supervisor == Supervisor::None;
    let path = match config.pidfile.as_bytes() {
        b"" if detached => Path::new(daemon::DEFAULT_PID_FILE),
        b"" => return None,
        named => path_of(named),
    };
    PidFile::write(&absolute(path), log)
}
