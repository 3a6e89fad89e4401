//! A client that reads and writes exactly what it is told to.

use redstart::Server;
use resp::reply::{Value, parse_reply};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// A connection.
pub struct Client<S = TcpStream> {
    stream: S,
    input: Vec<u8>,
}

impl Client<TcpStream> {
    pub fn tcp(server: &Server) -> Self {
        Self::to_port(server.port().expect("the server listens"))
    }

    pub fn to_port(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server accepts");
        stream.set_nodelay(true).expect("a connected socket");
        Client { stream, input: Vec::new() }
    }

    /// The same connection, for another thread.
    pub fn another_handle(&self) -> Self {
        Client { stream: self.stream.try_clone().expect("a connected socket"), input: Vec::new() }
    }

    /// Says that nothing more will be sent.
    pub fn end_output(&self) {
        self.stream.shutdown(Shutdown::Write).expect("a connected socket");
    }
}

impl Client<UnixStream> {
    pub fn unix(path: &Path) -> Self {
        Client { stream: UnixStream::connect(path).expect("the server accepts"), input: Vec::new() }
    }
}

impl<S: Read + Write> Client<S> {
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server reads");
    }

    /// Sends as much as goes before the server closes the connection.
    pub fn send_until_closed(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Waits for one reply.
    pub fn reply(&mut self) -> Value {
        loop {
            if let Some((value, len)) = parse_reply(&self.input).expect("replies are well formed") {
                self.input.drain(..len);
                return value;
            }
            assert!(self.fill() > 0, "closed after {}", self.input.escape_ascii());
        }
    }

    /// Sends a command of words without spaces and waits for its reply.
    pub fn ask(&mut self, line: &str) -> Value {
        self.send(command(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>()));
        self.reply()
    }

    /// Asks for a text.
    pub fn text(&mut self, line: &str) -> String {
        match self.ask(line) {
            Value::Simple(text) | Value::Bulk(text) | Value::Error(text) => {
                String::from_utf8(text).expect("a text")
            }
            other => panic!("{line} was answered with {other:?}"),
        }
    }

    /// A field of INFO.
    pub fn info(&mut self, section: &str, field: &str) -> u64 {
        let page = self.text(&format!("INFO {section}"));
        let line = page.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no number {field} in {page}"))
    }

    /// Waits until the server closes the connection; answers what it sent before.
    pub fn rest(mut self) -> Vec<u8> {
        while self.fill() > 0 {}
        self.input
    }

    fn fill(&mut self) -> usize {
        let mut part = [0; 64 << 10];
        let count = match self.stream.read(&mut part) {
            Ok(count) => count,
            // What was sent to a server that didn't want it makes the end a hard one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("{error}"),
        };
        self.input.extend_from_slice(&part[..count]);
        count
    }
}

/// A command as bytes.
pub fn command(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    resp::push_command(&mut bytes, words);
    bytes
}

pub fn bulk(text: impl AsRef<[u8]>) -> Value {
    Value::Bulk(text.as_ref().to_vec())
}

pub fn ok() -> Value {
    Value::Simple(b"OK".to_vec())
}

/// A port that nobody uses: none of those that the system gives to connections and to other tests.
pub fn free_port() -> u16 {
    /// Taken by turns, so that tests of one process get different ones.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + (std::process::id() % 20_000) as u16;
    let mut ports = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Relaxed));
    ports.find(|port| TcpListener::bind(("0.0.0.0", *port)).is_ok()).expect("one of very many is free")
}

/// An empty directory for a test, below the build's.
pub fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the build's directory can be written");
    path
}
