//! The program: arguments, configuration file, log, pid file, signals, supervisor, crash report.

use super::client::{Client, command, ok, scratch};
use resp::reply::Value;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The program in a directory, listening on the unix socket `s` there.
fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redstart"));
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    command
}

/// A started program with the lines of its standard output.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(mut command: Command) -> Program {
        command.args(["--io-engine", crate::IO_ENGINE]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Program { child, lines }
    }

    /// Waits for a line that contains `part`.
    fn line(&mut self, part: &str) -> String {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find(|line| line.contains(part)).unwrap_or_else(|| panic!("no line with {part}"))
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

const ON_SOCKET: [&str; 6] = ["--port", "0", "--unixsocket", "s", "--save", ""];

#[test]
fn it_starts_from_a_file_and_ends_with_sigterm() {
    let directory = scratch("file");
    fs::write(directory.join("more.conf"), "maxclients 77\nport 0\n").unwrap();
    fs::write(directory.join("redis.conf"), "include more.conf\npidfile pid\nmaxclients 55\n").unwrap();
    let mut program =
        Program::start(program(&directory, &["redis.conf", "--unixsocket", "s", "--timeout", "9"]));
    let pid = program.child.id();
    for part in ["is starting", "version=", "Configuration loaded", "Server initialized"] {
        assert!(program.line(part).starts_with(&format!("{pid}:")));
    }
    program.line("Ready to accept connections unix");
    assert_eq!(fs::read_to_string(directory.join("pid")).unwrap(), format!("{pid}\n"));
    let mut client = Client::unix(&directory.join("s"));
    assert_eq!(client.info("clients", "maxclients"), 55);
    assert_eq!(client.info("server", "process_id"), u64::from(pid));
    let file = client.text("INFO server");
    let file = file.lines().find_map(|line| line.strip_prefix("config_file:")).unwrap();
    assert_eq!(fs::canonicalize(file).unwrap(), fs::canonicalize(directory.join("redis.conf")).unwrap());
    program.signal(Signal::TERM);
    for part in ["Received SIGTERM", "User requested shutdown", "unix socket file", "pid file", "bye bye"] {
        program.line(part);
    }
    assert!(program.child.wait().unwrap().success());
    assert!(!directory.join("s").exists() && !directory.join("pid").exists());
}

#[test]
fn a_wrong_configuration_is_shown() {
    let directory = scratch("wrong");
    let output = program(&directory, &["--maxclients", "many"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("*** FATAL CONFIG FILE ERROR"), "{text}");
    assert!(text.contains(">>> 'maxclients \"many\"'"), "{text}");
    let output = program(&directory, &["missing.conf"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Fatal error, can't open config file") && text.contains("No such file"), "{text}");
    let output = program(&directory, &["--dir", "missing"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains(">>> 'dir \"missing\"'"));
}

#[test]
fn it_refuses_what_it_cannot_heed_but_others_rely_on() {
    let directory = scratch("relied-on");
    let cases = [
        ("user default off", "access control lists"),
        ("aclfile users.acl", "access control lists"),
        ("tls-port 6380", "TLS"),
        ("replicaof 127.0.0.1 6379", "replication"),
        ("cluster-enabled yes", "cluster mode"),
        ("loadmodule search.so", "modules"),
    ];
    for (line, feature) in cases {
        fs::write(directory.join("redis.conf"), format!("port 0\n{line}\n")).unwrap();
        let output = program(&directory, &["redis.conf"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        let text = String::from_utf8(output.stderr).unwrap();
        let reason = format!("this version doesn't have {feature} yet");
        assert!(text.contains("at line 2") && text.contains(line) && text.contains(&reason), "{text}");
    }
}

#[test]
fn it_tells_its_version_and_its_usage() {
    let directory = scratch("version");
    for argument in ["-v", "--version"] {
        let output = program(&directory, &[argument]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.starts_with("Redstart server v="), "{text}");
    }
    let output = program(&directory, &["--help"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("Usage:"));
}

/// The title of a process, as `ps` shows it.
fn title(pid: u32) -> String {
    let shown = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    String::from_utf8(shown).unwrap().trim_end_matches('\0').to_owned()
}

#[test]
fn memory_that_nobody_uses_goes_back_to_the_system() {
    let directory = scratch("give-back");
    let mut program = Program::start(program(&directory, &ON_SOCKET));
    program.line("Ready to accept connections");
    let mut client = Client::unix(&directory.join("s"));
    client.send(command(&[b"SET", b"large", &vec![b'x'; 256 << 20][..]]));
    assert_eq!(client.reply(), ok());
    // The buffer that the value came in, and the smaller ones before it.
    let unused = |client: &mut Client<_>| {
        client.info("memory", "used_memory_rss").saturating_sub(client.info("memory", "used_memory"))
    };
    while unused(&mut client) > 96 << 20 {
        std::thread::yield_now();
    }
    program.signal(Signal::TERM);
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn its_title_says_where_it_listens() {
    let directory = scratch("title");
    fs::write(directory.join("redis.conf"), "port 0\nunixsocket s\nsave \"\"\n").unwrap();
    let mut program = Program::start(program(&directory, &["redis.conf"]));
    program.line("Ready to accept connections");
    let (pid, called) = (program.child.id(), env!("CARGO_BIN_EXE_redstart"));
    assert_eq!(title(pid), format!("{called} s"));
    let mut client = Client::unix(&directory.join("s"));
    let file = directory.join("redis.conf");
    for (template, expected) in [
        ("{port} {tls-port} {unixsocket}{server-mode}", "0 0 s".to_owned()),
        ("{config-file}", file.display().to_string()),
        ("{title} is the title of {title}, which is longer than it was", {
            format!("{called} is the title of {called}, which is longer than it was")
        }),
        ("short", "short".to_owned()),
    ] {
        client.send(command(&[b"CONFIG", b"SET", b"proc-title-template", template.as_bytes()]));
        assert_eq!(client.reply(), ok());
        assert_eq!(title(pid), expected);
    }
    program.signal(Signal::TERM);
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn its_title_is_left_alone_on_demand() {
    let directory = scratch("untitled");
    let arguments = [&ON_SOCKET[..], &["--set-proc-title", "no"]].concat();
    let mut program = Program::start(program(&directory, &arguments));
    program.line("Ready to accept connections");
    assert!(title(program.child.id()).contains("--set-proc-title"));
    program.signal(Signal::TERM);
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn in_the_background_it_writes_its_log_and_its_pid() {
    let directory = scratch("daemon");
    let mut arguments = ON_SOCKET.to_vec();
    arguments.extend(["--daemonize", "yes", "--pidfile", "pid", "--logfile", "log"]);
    assert!(program(&directory, &arguments).status().unwrap().success());
    let ready = || fs::read_to_string(directory.join("log")).is_ok_and(|log| log.contains("Ready to accept"));
    while !ready() {
        std::thread::yield_now();
    }
    let mut client = Client::unix(&directory.join("s"));
    let pid = client.info("server", "process_id");
    assert_eq!(fs::read_to_string(directory.join("pid")).unwrap(), format!("{pid}\n"));
    client.send(b"SHUTDOWN NOSAVE\r\n");
    assert_eq!(client.rest(), b"");
    while directory.join("pid").exists() {
        std::thread::yield_now();
    }
}

#[test]
fn systemd_hears_of_it() {
    let directory = scratch("systemd");
    let socket = UnixDatagram::bind(directory.join("notify")).unwrap();
    let mut command = program(&directory, &[&ON_SOCKET[..], &["--supervised", "auto"]].concat());
    command.env("NOTIFY_SOCKET", directory.join("notify"));
    let mut program = Program::start(command);
    let received = || {
        let mut message = [0; 200];
        let count = socket.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..count]).into_owned()
    };
    assert!(received().contains("STATUS="));
    assert!(received().contains("READY=1"));
    program.signal(Signal::INT);
    assert!(received().contains("STOPPING=1"));
    program.line("bye bye");
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn the_kernel_is_told_how_dear_the_process_is() {
    let directory = scratch("oom");
    let arguments = ["--oom-score-adj", "yes", "--oom-score-adj-values", "150 160 170"];
    let mut program = Program::start(program(&directory, &[&ON_SOCKET[..], &arguments].concat()));
    program.line("Ready to accept connections unix");
    let mut client = Client::unix(&directory.join("s"));
    let score_of = |process: &str| -> i32 {
        let text = fs::read_to_string(format!("/proc/{process}/oom_score_adj")).unwrap();
        text.trim().parse().unwrap()
    };
    let score = || score_of(&program.child.id().to_string());
    let inherited = score_of("self");
    assert_eq!(score(), inherited + 150);
    let mut set_with = |values: &[u8], name: &[u8], value: &[u8]| {
        client.send(command(&[b"CONFIG", b"SET", b"oom-score-adj-values", values, name, value]));
        client.reply()
    };
    assert_eq!(set_with(b"170 0 0", b"maxmemory-samples", b"6"), ok());
    assert_eq!(score(), inherited + 170);
    // Of directives that are set together, one that can't be put in force undoes the others.
    assert!(matches!(set_with(b"190 0 0", b"dir", b"/nowhere/at/all"), Value::Error(_)));
    assert_eq!(score(), inherited + 170);
    assert_eq!(client.ask("CONFIG SET oom-score-adj no"), ok());
    assert_eq!(score(), inherited);
}

#[test]
fn a_crash_leaves_a_report() {
    let directory = scratch("crash");
    let arguments = [&ON_SOCKET[..], &["--enable-debug-command", "local"]].concat();
    let mut program = Program::start(program(&directory, &arguments));
    program.line("Ready to accept connections unix");
    let mut client = Client::unix(&directory.join("s"));
    client.send(b"DEBUG PANIC\r\n");
    for part in ["BUG REPORT START", "called by DEBUG PANIC", "STACK TRACE", "BUG REPORT END"] {
        program.line(part);
    }
    assert_eq!(program.child.wait().unwrap().signal(), Some(Signal::ABORT.as_raw()));
}

#[test]
fn signals_of_bugs_leave_a_report() {
    let directory = scratch("signals");
    let arguments = [&ON_SOCKET[..], &["--enable-debug-command", "local"]].concat();
    for (by, ended_by) in [("DEBUG SEGFAULT\r\n", Signal::SEGV), ("", Signal::ABORT)] {
        let mut program = Program::start(self::program(&directory, &arguments));
        program.line("Ready to accept connections unix");
        if by.is_empty() {
            program.signal(Signal::ABORT);
        } else {
            Client::unix(&directory.join("s")).send(by.as_bytes());
        }
        let signal = format!("crashed by signal: {}", ended_by.as_raw());
        for part in ["BUG REPORT START", &signal, "STACK TRACE", "BUG REPORT END"] {
            program.line(part);
        }
        assert_eq!(program.child.wait().unwrap().signal(), Some(ended_by.as_raw()));
    }
    let arguments = [&arguments[..], &["--crash-log-enabled", "no"]].concat();
    let mut program = Program::start(self::program(&directory, &arguments));
    program.line("Ready to accept connections unix");
    program.signal(Signal::ABORT);
    assert!(program.lines.by_ref().map(Result::unwrap).all(|line| !line.contains("BUG REPORT")));
    assert_eq!(program.child.wait().unwrap().signal(), Some(Signal::ABORT.as_raw()));
}

#[test]
fn a_stack_that_overflows_leaves_a_report() {
    let directory = scratch("overflow");
    let crash = |arguments: &[&str]| {
        let mut command = program(&directory, &[&ON_SOCKET[..], arguments].concat());
        // The smallest stacks that threads can have: describing all commands takes more.
        command.env("RUST_MIN_STACK", "16384");
        let mut program = Program::start(command);
        program.line("Ready to accept connections unix");
        Client::unix(&directory.join("s")).send(b"COMMAND DOCS\r\n");
        program
    };
    let mut program = crash(&[]);
    for part in
        ["BUG REPORT START", "crashed by signal: 11", "In thread worker", "STACK TRACE", "BUG REPORT END"]
    {
        program.line(part);
    }
    assert_eq!(program.child.wait().unwrap().signal(), Some(Signal::SEGV.as_raw()));
    let mut program = crash(&["--crash-log-enabled", "no"]);
    assert!(program.lines.by_ref().map(Result::unwrap).all(|line| !line.contains("BUG REPORT")));
    assert_eq!(program.child.wait().unwrap().signal(), Some(Signal::SEGV.as_raw()));
}

#[test]
fn a_snapshot_that_is_not_loaded_is_spoken_of() {
    let directory = scratch("beside");
    fs::write(directory.join("dump.rdb"), b"REDIS0011\x00\x01a\x01b\xff\0\0\0\0\0\0\0\0").unwrap();
    // What a server that was killed had begun, here one with this number of a process that can't be.
    fs::write(directory.join("temp-4194999-0.rdb"), b"REDIS").unwrap();
    let arguments = [&ON_SOCKET[..], &["--appendonly", "yes"]].concat();
    let mut program = Program::start(self::program(&directory, &arguments));
    program.line("Removed temp-4194999-0.rdb");
    program.line("the server starts EMPTY. dump.rdb (23 bytes) is not loaded");
    program.line("Ready to accept connections unix");
    program.signal(Signal::TERM);
    assert!(program.child.wait().unwrap().success());
    assert_eq!(fs::read(directory.join("dump.rdb")).unwrap().len(), 23);
}

#[test]
fn a_rewritten_configuration_file_is_no_more_open_than_before() {
    let directory = scratch("mode");
    let file = directory.join("redis.conf");
    fs::write(&file, "port 0\nunixsocket s\nsave \"\"\nrequirepass secret\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut program = Program::start(self::program(&directory, &["redis.conf"]));
    program.line("Ready to accept connections unix");
    let mut client = Client::unix(&directory.join("s"));
    assert_eq!(client.text("AUTH secret"), "OK");
    assert_eq!(client.text("CONFIG REWRITE"), "OK");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    program.signal(Signal::TERM);
    assert!(program.child.wait().unwrap().success());
}
