//! Requests, however the network cuts them: recorded cases, and properties of random streams.

use proptest::prelude::*;
use redstart_resp::{Batch, Limits, OwnedArgs, Parser, ProtocolError, Sender, push_command};

/// What a stream of bytes comes to: its requests, and the error or the number of bytes left over.
type Outcome = (Vec<OwnedArgs>, Result<usize, ProtocolError>);

/// Parses `pieces` as they arrive, like the receive loop of a connection.
fn receive<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: &Limits) -> Outcome {
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
    }
    (requests, Ok(input.len()))
}

/// Cuts `bytes` at the given places (taken modulo its length).
fn cut<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places {
        pieces.push(&bytes[from..place]);
        from = place;
    }
    pieces.push(&bytes[from..]);
    pieces
}

fn small_limits() -> Limits {
    Limits { max_bulk_len: 40, max_line: 24, max_args: 12, ..Limits::default() }
}

/// Bytes that look like requests often enough to get far into the parser.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        5 => "[*$][0-9]{1,2}\r\n",
        1 => "[*$][-+0-9a]{0,3}\r?\n?",
        3 => "[a-z]{0,6}\r\n",
        1 => "[ \"'\\\\a\r\n\0]{0,8}",
        1 => "[a-z]{20,30}",
    ];
    let request = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..4).prop_map(|args| {
        let mut bytes = Vec::new();
        push_command(&mut bytes, &args.iter().map(Vec::as_slice).collect::<Vec<_>>());
        bytes
    });
    let part = prop_oneof![token.prop_map(String::into_bytes), request];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn cutting_a_stream_changes_nothing(bytes in stream(), places: Vec<usize>) {
        let whole = receive([bytes.as_slice()], &small_limits());
        prop_assert_eq!(&receive(cut(&bytes, &places), &small_limits()), &whole);
        prop_assert_eq!(&receive(bytes.chunks(1), &small_limits()), &whole);
    }

    #[test]
    fn any_bytes_are_a_request_or_an_error(bytes: Vec<u8>) {
        let (_, outcome) = receive([bytes.as_slice()], &small_limits());
        prop_assert!(outcome.is_err() || outcome.is_ok_and(|left| left <= bytes.len()));
    }

    #[test]
    fn commands_round_trip(
        commands in prop::collection::vec(prop::collection::vec(any::<Vec<u8>>(), 1..20), 0..20),
        places: Vec<usize>,
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for command in &commands {
            let args: Vec<&[u8]> = command.iter().map(Vec::as_slice).collect();
            push_command(&mut bytes, &args);
            expected.push(OwnedArgs::from_slices(&args));
        }
        prop_assert_eq!(receive(cut(&bytes, &places), &Limits::default()), (expected, Ok(0)));
    }
}

/// Streams, the requests in them, and the error that ends them: as Redis 8.0.6 answers.
#[test]
fn recorded_cases() {
    use ProtocolError::{ExpectedDollar, InvalidBulkLength, InvalidMultibulkLength, UnbalancedQuotes};
    type Case = (&'static [u8], &'static [&'static [&'static [u8]]], Option<ProtocolError>);
    const PING: &[&[u8]] = &[b"PING"];
    let cases: &[Case] = &[
        (b"\r\nPING\r\n", &[PING], None),
        (b"\n\n   \r\n\r\r\n\rPING\n", &[PING], None),
        (b"*0\r\n*-1\r\n*-10\r\n*-9223372036854775808\r\nPING\r\n", &[PING], None),
        (b"*\r\n", &[], Some(InvalidMultibulkLength)),
        (b"PING\r\n*+1\r\n", &[PING], Some(InvalidMultibulkLength)),
        (b"*01\r\n", &[], Some(InvalidMultibulkLength)),
        (b"*1 \r\n", &[], Some(InvalidMultibulkLength)),
        (b"*2147483648\r\n", &[], Some(InvalidMultibulkLength)),
        (b"*-99999999999999999999\r\n", &[], Some(InvalidMultibulkLength)),
        (b"*1\rX$4\rXPINGxxPING\r\n", &[PING, PING], None),
        (b"*1\r$4\r\nPING\r\n", &[], Some(ExpectedDollar(b'4'))),
        (b"*1\n$4\nPING\n", &[], None),
        (b"*1\r\n\r\n", &[], Some(ExpectedDollar(b'\r'))),
        (b"*1\r\n:4\r\n", &[], Some(ExpectedDollar(b':'))),
        (b"*1\r\n\xff\r\n", &[], Some(ExpectedDollar(0xff))),
        (b"*1\r\nf", &[], None),
        (b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", &[], Some(ExpectedDollar(b'f'))),
        (b"*1\r\n$+4\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$04\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$-1\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$blabla\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$536870913\r\n", &[], Some(InvalidBulkLength)),
        (b"*1\r\n$536870912\r\n", &[], None),
        (b"*2\r\n$0\r\n\r\n$1\r\na\r\n", &[&[b"", b"a"]], None),
        (b"echo \ta\t\r\n", &[&[b"echo", b"a"]], None),
        (b"echo \x0ba\x0c\r\n", &[&[b"echo", b"a\x0c"]], None),
        (b"ping\rx\r\nPING\r\n", &[&[b"ping", b"x"], PING], None),
        (b"echo \"\\x41\\n\\q\" 'a\\'b' a\"b\"\r\n", &[&[b"echo", b"A\nq", b"a'b", b"ab"]], None),
        (b"\"\" a\r\n", &[&[b"", b"a"]], None),
        (b"PING\nset \"\"\"test-key\"\"\" v\r\nPING\n", &[PING], Some(UnbalancedQuotes)),
        (b"echo a'b\r\n", &[], Some(UnbalancedQuotes)),
        (b"+OK\r\n$4\r\n", &[&[b"+OK"], &[b"$4"]], None),
    ];
    for &(bytes, requests, error) in cases {
        let expected: Vec<OwnedArgs> = requests.iter().map(|args| OwnedArgs::from_slices(args)).collect();
        let (found, outcome) = receive(bytes.chunks(1), &Limits::default());
        assert_eq!((found, outcome.err()), (expected, error), "{}", bytes.escape_ascii());
    }
}

#[test]
fn endless_lines() {
    let cases: &[(&[u8], ProtocolError)] = &[
        (b"*", ProtocolError::TooBigMultibulkCount),
        (b"*1\r\n$", ProtocolError::TooBigBulkCount),
        (b"*1\r\nx", ProtocolError::TooBigBulkCount),
        (b"", ProtocolError::TooBigInlineRequest),
    ];
    for &(prefix, error) in cases {
        let line_start = prefix.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let mut bytes = prefix.to_vec();
        bytes.resize(line_start + Limits::default().max_line, b'1');
        assert_eq!(receive([bytes.as_slice()], &Limits::default()).1, Ok(bytes.len()));
        bytes.push(b'1');
        assert_eq!(receive([bytes.as_slice()], &Limits::default()).1, Err(error));
        assert_eq!(receive(bytes.chunks(7), &Limits::default()).1, Err(error));
    }
}

#[test]
fn error_texts() {
    assert_eq!(ProtocolError::ExpectedDollar(b'\r').to_string(), "Protocol error: expected '$', got ' '");
    assert_eq!(ProtocolError::ExpectedDollar(b'f').to_string(), "Protocol error: expected '$', got 'f'");
    assert_eq!(ProtocolError::InvalidBulkLength.to_string(), "Protocol error: invalid bulk length");
}

#[test]
fn a_request_is_smaller_than_spans_can_say() {
    let limits = Limits { max_bulk_len: u64::MAX, ..Limits::default() };
    let outcome = |bytes: &[u8]| receive([bytes], &limits).1;
    assert_eq!(outcome(b"*1\r\n$4294967270\r\n"), Ok(17));
    assert_eq!(outcome(b"*1\r\n$4294967290\r\n"), Err(ProtocolError::InvalidBulkLength));
    assert_eq!(outcome(b"*1\r\n$9223372036854775807\r\n"), Err(ProtocolError::InvalidBulkLength));
}

#[test]
fn huge_counts_allocate_nothing() {
    let (requests, outcome) = receive([&b"*2147483647\r\n$1\r\na\r\n"[..]], &Limits::default());
    assert_eq!((requests.len(), outcome), (0, Ok(20)));
}

#[test]
fn wanted_is_the_rest_of_the_argument_in_progress() {
    let (mut parser, mut batch) = (Parser::new(), Batch::new());
    let mut input = b"PING\r\n*2\r\n$3\r\nGET\r\n$1000".to_vec();
    let mut step = |input: &mut Vec<u8>| {
        batch.clear();
        assert_eq!(parser.parse(input, &Limits::default(), &mut batch), Ok(()));
        input.drain(..batch.consumed());
        parser.wanted(input.len())
    };
    assert_eq!(step(&mut input), 0);
    input.extend_from_slice(b"\r\nva");
    assert_eq!(step(&mut input), 1000);
    input.extend_from_slice(&[b'x'; 999]);
    assert_eq!(step(&mut input), 1);
    input.push(b'\n');
    assert_eq!((step(&mut input), input.len()), (0, 0));
}

#[test]
fn before_authentication_little_is_accepted() {
    let limits = Limits { sender: Sender::Unauthenticated, ..Limits::default() };
    let outcome = |bytes: &[u8]| receive([bytes], &limits).1;
    assert_eq!(outcome(b"*10\r\n$16384\r\n"), Ok(13));
    assert_eq!(outcome(b"*11\r\n"), Err(ProtocolError::UnauthenticatedMultibulkLength));
    assert_eq!(outcome(b"*1\r\n$16385\r\n"), Err(ProtocolError::UnauthenticatedBulkLength));
    assert_eq!(outcome(b"*2147483648\r\n"), Err(ProtocolError::InvalidMultibulkLength));
    assert_eq!(outcome(b"*1\r\n$536870913\r\n"), Err(ProtocolError::InvalidBulkLength));
}
