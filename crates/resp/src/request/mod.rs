//! Requests from the bytes a client sent: a resumable parser that leaves the arguments where they are.
//!
//! A request is an array of bulk strings (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) or, for people with a terminal, a line
//! of words (`GET k\r\n`). The receive loop of a connection:
//!
//! ```
//! # use resp::{Batch, Limits, Parser};
//! # use redstart_resp as resp;
//! # let (mut input, mut executed) = (b"PING\r\n*1\r\n$4\r\nPI".to_vec(), 0);
//! # let (mut parser, mut batch, limits) = (Parser::new(), Batch::new(), Limits::default());
//! batch.clear();
//! let outcome = parser.parse(&input, &limits, &mut batch);    // appends all complete requests
//! for args in batch.iter(&input) {
//!     executed += args.len();
//! }
//! input.drain(..batch.consumed());                            // the unfinished request moves to the front
//! if let Err(error) = outcome {
//!     // reply with the error, close the connection
//! }
//! input.reserve(parser.wanted(input.len()));                  // read more
//! # assert_eq!((executed, input.as_slice()), (1, &b"*1\r\n$4\r\nPI"[..]));
//! ```

mod batch;
mod error;
mod header;
mod parser;

pub use batch::Batch;
pub use error::ProtocolError;
pub use parser::{Limits, Parser, Sender};
