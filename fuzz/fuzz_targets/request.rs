//! A stream of requests means the same however the network cuts it, and no bytes make the parser panic.
//!
//! The first input byte chooses where the stream is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resp::{Batch, Limits, OwnedArgs, Parser, ProtocolError, Sender};

fuzz_target!(|data: &[u8]| {
    let Some((&seed, stream)) = data.split_first() else { return };
    let sender = if seed & 1 == 0 { Sender::Authenticated } else { Sender::Unauthenticated };
    // Small limits, so that small inputs reach them.
    let limits = Limits { max_bulk_len: 20_000, max_line: 64, max_args: 50, sender };
    let piece = usize::from(seed >> 1).max(1);
    assert_eq!(receive(stream.chunks(piece), &limits), receive([stream].into_iter(), &limits));
});

/// Parses the pieces as they arrive: the requests, and the error or the number of bytes left over.
fn receive<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    limits: &Limits,
) -> (Vec<OwnedArgs>, Result<usize, ProtocolError>) {
    let (mut parser, mut batch, mut input, mut requests) =
        (Parser::new(), Batch::new(), Vec::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        batch.clear();
        let outcome = parser.parse(&input, limits, &mut batch);
        requests.extend(batch.iter(&input).map(|args| args.to_owned()));
        input.drain(..batch.consumed());
        if let Err(error) = outcome {
            return (requests, Err(error));
        }
        assert!(parser.wanted(input.len()) <= 20_002, "wants more than an argument may have");
    }
    (requests, Ok(input.len()))
}
