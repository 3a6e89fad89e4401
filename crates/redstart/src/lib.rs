//! A server inside a Rust program.
//!
//! ```no_run
//! let server = redstart::start(["--port", "7777"]).unwrap();
//! ```

use config::{CommandLine, Config, NoFiles};
pub use host::{Options, Server};

/// Starts a server configured by command line arguments such as `["--port", "7777"]`. It stops when dropped.
///
/// # Errors
/// When the arguments are wrong or an address can't be listened on.
pub fn start<A: AsRef<[u8]>>(arguments: impl IntoIterator<Item = A>) -> std::io::Result<Server> {
    let arguments: Vec<A> = arguments.into_iter().collect();
    let text = CommandLine::parse(&arguments).text(None, None);
    let loaded =
        Config::load(&text, &mut NoFiles).map_err(|error| std::io::Error::other(error.to_string()))?;
    Server::start(loaded.config, Options::default())
}
