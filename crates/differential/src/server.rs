//! The two servers: started from a program, or running already.

use crate::link::Link;
use resp::reply::Value;
use std::collections::HashSet;
use std::io::{Error, Result};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Whose extensions a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// Redis.
    Redis,
    /// Valkey.
    Valkey,
    /// Redstart, which has those of both.
    Redstart,
}

impl Flavor {
    /// Whether such a server knows a command that `only` some servers have.
    pub fn knows(self, only: Option<Self>) -> bool {
        only.is_none_or(|only| self == only || self == Self::Redstart)
    }
}

/// Time a server has to start.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A server to talk to. One that was started here is ended when it is dropped.
#[derive(Debug)]
pub struct Server {
    /// What it was named on the command line.
    pub name: String,
    /// The port of the loopback interface that it listens on.
    pub port: u16,
    /// What it says it is.
    pub flavor: Flavor,
    started: Option<Started>,
}

#[derive(Debug)]
struct Started {
    process: Child,
    directory: PathBuf,
}

impl Server {
    /// Takes a port number or the path of a program, which is started on a free port without persistence.
    ///
    /// # Errors
    /// When it can't be started or doesn't answer.
    pub fn open(target: &str) -> Result<Self> {
        let mut server = match target.parse() {
            Ok(port) => Self { name: target.into(), port, flavor: Flavor::Redis, started: None },
            Err(_) => Self::start(target)?,
        };
        server.wait_until_it_answers()?;
        server.flavor = server.ask_flavor()?;
        Ok(server)
    }

    fn start(program: &str) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let directory = std::env::temp_dir().join(format!("differential-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let process = Command::new(program)
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--enable-debug-command",
                "yes",
                "--sanitize-dump-payload",
                "yes",
                "--dir",
            ])
            .arg(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| Error::new(error.kind(), format!("{program}: {error}")))?;
        let started = Some(Started { process, directory });
        Ok(Self { name: program.into(), port, flavor: Flavor::Redis, started })
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match Link::connect(self.port) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline || !self.is_running() => {
                    return Err(Error::new(error.kind(), format!("{} does not answer: {error}", self.name)));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn ask_flavor(&self) -> Result<Flavor> {
        let reply = Link::connect(self.port)?.call(&["INFO", "server"])?;
        let (Value::Bulk(text) | Value::Verbatim(_, text)) = reply else {
            return Err(Error::other(format!("{}: INFO answers {reply:?}", self.name)));
        };
        let text = String::from_utf8_lossy(&text).to_lowercase();
        Ok(match () {
            () if text.contains("redstart") => Flavor::Redstart,
            () if text.contains("valkey_version:") => Flavor::Valkey,
            () => Flavor::Redis,
        })
    }

    /// Whether a server that was started here still runs; always true for others.
    pub fn is_running(&mut self) -> bool {
        self.started.as_mut().is_none_or(|started| matches!(started.process.try_wait(), Ok(None)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(started) = &mut self.started {
            // It may have ended by itself; then there is nothing left to do.
            let _ = started.process.kill();
            let _ = started.process.wait();
            let _ = std::fs::remove_dir_all(&started.directory);
        }
    }
}

/// Both servers, to be compared.
#[derive(Debug)]
pub struct Pair {
    /// The left and the right one.
    pub servers: [Server; 2],
}

impl Pair {
    /// Opens both: see [`Server::open`].
    ///
    /// # Errors
    /// As there.
    pub fn open(left: &str, right: &str) -> Result<Self> {
        let pair = Self { servers: [Server::open(left)?, Server::open(right)?] };
        pair.agree_on_dumps()?;
        Ok(pair)
    }

    /// Has Redstart dump values in the newest form that the other server reads.
    fn agree_on_dumps(&self) -> Result<()> {
        let [left, right] = &self.servers;
        for (server, other) in [(left, right), (right, left)] {
            let form = match (server.flavor, other.flavor) {
                (Flavor::Redstart, Flavor::Redis) => "redis-7.4",
                (Flavor::Redstart, Flavor::Valkey) => "valkey-9",
                _ => continue,
            };
            Link::connect(server.port)?.call(&["CONFIG", "SET", "rdb-version-compat", form])?;
        }
        Ok(())
    }

    /// Starts again what has ended.
    ///
    /// # Errors
    /// When it doesn't start.
    pub fn revive(&mut self) -> Result<()> {
        let mut ended = false;
        for server in &mut self.servers {
            if !server.is_running() {
                *server = Server::open(&server.name.clone())?;
                ended = true;
            }
        }
        if ended { self.agree_on_dumps() } else { Ok(()) }
    }

    /// Which of these commands both have.
    ///
    /// # Errors
    /// Those of the connections.
    pub fn commands<'n>(&self, names: &[&'n str]) -> Result<HashSet<&'n str>> {
        let mut common: HashSet<_> = names.iter().copied().collect();
        for mut link in self.connect()? {
            let question: Vec<_> = ["COMMAND", "INFO"].iter().chain(names).collect();
            let Value::Array(answers) = link.call(&question)? else {
                return Err(Error::other("COMMAND INFO answers something else than a list"));
            };
            for (name, answer) in names.iter().zip(answers) {
                if !matches!(answer, Value::Array(_)) {
                    common.remove(name);
                }
            }
        }
        Ok(common)
    }

    /// A connection to each.
    ///
    /// # Errors
    /// Those of the connections.
    pub fn connect(&self) -> Result<[Link; 2]> {
        Ok([Link::connect(self.servers[0].port)?, Link::connect(self.servers[1].port)?])
    }
}
