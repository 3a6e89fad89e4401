//! One connection to a server.

use resp::reply::{Value, parse_reply};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a server may take to answer before it counts as stuck, be the machine ever so busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A connection on which commands are sent and replies awaited.
#[derive(Debug)]
pub struct Link {
    stream: TcpStream,
    unread: Vec<u8>,
    /// The server's number for this connection, as `CLIENT ID` tells it.
    pub id: i64,
}

impl Link {
    /// Connects to `port` of the loopback interface.
    ///
    /// # Errors
    /// Those of the connection, or that the server doesn't tell the connection's id.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let mut link = Self { stream, unread: Vec::new(), id: 0 };
        match link.call(&["CLIENT", "ID"])? {
            Value::Int(id) => link.id = id,
            other => return Err(Error::other(format!("CLIENT ID answers {other:?}"))),
        }
        Ok(link)
    }

    /// Sends a command.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn send<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<()> {
        let mut bytes = format!("*{}\r\n", args.len()).into_bytes();
        for arg in args.iter().map(AsRef::as_ref) {
            bytes.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
            bytes.extend_from_slice(arg);
            bytes.extend_from_slice(b"\r\n");
        }
        self.stream.write_all(&bytes)
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// Those of the connection; [`ErrorKind::TimedOut`] when no reply comes within [`PATIENCE`].
    pub fn call<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<Value> {
        self.send(args)?;
        self.read()
    }

    /// Waits for a reply.
    ///
    /// # Errors
    /// As [`Link::call`]; [`ErrorKind::InvalidData`] for bytes that are no reply.
    pub fn read(&mut self) -> Result<Value> {
        self.stream.set_read_timeout(Some(PATIENCE))?;
        self.receive()?.ok_or_else(|| Error::new(ErrorKind::TimedOut, "no reply"))
    }

    /// Takes a reply if one has arrived.
    ///
    /// # Errors
    /// As [`Link::read`], but for the time.
    pub fn try_read(&mut self) -> Result<Option<Value>> {
        self.stream.set_nonblocking(true)?;
        let received = self.receive();
        self.stream.set_nonblocking(false)?;
        received
    }

    /// Reads until there is a whole reply; `None` when the connection has no more bytes for now.
    fn receive(&mut self) -> Result<Option<Value>> {
        loop {
            let parsed = parse_reply(&self.unread).map_err(|why| Error::new(ErrorKind::InvalidData, why))?;
            if let Some((value, len)) = parsed {
                self.unread.drain(..len);
                return Ok(Some(value));
            }
            let mut chunk = [0; 1 << 14];
            match self.stream.read(&mut chunk) {
                Ok(0) => {
                    return Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection"));
                }
                Ok(len) => self.unread.extend_from_slice(&chunk[..len]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
