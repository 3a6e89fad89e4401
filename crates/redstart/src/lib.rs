//! A server inside a Rust program.
//!
//! ```
//! let server = redstart::Server::builder().any_port().start()?;
//! let client = std::net::TcpStream::connect(("127.0.0.1", server.port().unwrap()))?;
//! # drop(client);
//! # std::io::Result::Ok(())
//! ```

use config::{CommandLine, Config, NoFiles};
use host::{Options, Time};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

pub use host::ManualClock;

/// A running server. It stops, and its threads end, when it is dropped.
pub struct Server {
    inner: host::Server,
}

impl Server {
    /// A server to be configured. It listens nowhere, logs nothing and keeps nothing on disk until it is told to.
    pub fn builder() -> Builder {
        Builder {
            arguments: [&b"--port"[..], b"0", b"--loglevel", b"nothing", b"--save", b""]
                .map(Vec::from)
                .into(),
            options: Options::default(),
        }
    }

    /// The TCP port in use.
    pub fn port(&self) -> Option<u16> {
        self.inner.port()
    }

    /// Waits until SHUTDOWN has stopped the server.
    pub fn wait(self) {
        self.inner.wait();
    }
}

/// A server to be started.
pub struct Builder {
    arguments: Vec<Vec<u8>>,
    options: Options,
}

impl Builder {
    /// Listens on a free port of the loopback interface: see [`Server::port`].
    pub fn any_port(mut self) -> Builder {
        self.options.any_port = true;
        self
    }

    /// Listens on a unix socket.
    pub fn unix_socket(self, path: impl AsRef<Path>) -> Builder {
        self.set("unixsocket", path.as_ref().as_os_str().as_bytes())
    }

    /// Takes the time from a clock that the caller advances.
    pub fn clock(mut self, clock: Arc<ManualClock>) -> Builder {
        self.options.time = Time::Manual(clock);
        self
    }

    /// Keeps its data in files of this directory: loads what is there, and saves as `save` and `appendonly` say.
    pub fn data_dir(mut self, path: impl AsRef<Path>) -> Builder {
        self.options.load_data = true;
        self.set("dir", path.as_ref().as_os_str().as_bytes())
    }

    /// Sets a directive, as a line of a configuration file does.
    pub fn set(mut self, directive: &str, value: impl AsRef<[u8]>) -> Builder {
        self.arguments.push(format!("--{directive}").into_bytes());
        self.arguments.push(value.as_ref().to_vec());
        self
    }

    /// Takes arguments as the program does: `["--port", "7777"]`.
    pub fn arguments<A: AsRef<[u8]>>(mut self, arguments: impl IntoIterator<Item = A>) -> Builder {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_vec()));
        self
    }

    /// Starts the server; returns while it serves.
    ///
    /// # Errors
    /// When a directive is wrong or an address can't be listened on.
    pub fn start(self) -> io::Result<Server> {
        let text = CommandLine::parse(&self.arguments).text(None, None);
        let loaded =
            Config::load(&text, &mut NoFiles).map_err(|error| io::Error::other(error.to_string()))?;
        let inner = host::Server::start(loaded.config, self.options)?;
        Ok(Server { inner })
    }
}

/// Starts a server configured by command line arguments such as `["--port", "7777"]`.
///
/// # Errors
/// When the arguments are wrong or an address can't be listened on.
pub fn start<A: AsRef<[u8]>>(arguments: impl IntoIterator<Item = A>) -> io::Result<Server> {
    Server::builder().arguments(arguments).start()
}
