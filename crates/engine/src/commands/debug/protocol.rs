//! DEBUG PROTOCOL: a reply of each type, for tests of clients.

use command::{Done, Error, Reply, Result};
use resp::{Proto, Writer};

const NAMES: &str = "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false";

#[expect(clippy::approx_constant, reason = "clients' tests expect these digits, not a better approximation")]
const EXAMPLE_DOUBLE: f64 = 3.141;

/// Answers an example of the type with this name.
pub(super) fn example(name: &[u8], reply: Reply<'_>) -> Result<Done> {
    let proto = reply.proto();
    let write: fn(&mut Writer<'_>) = match name.to_ascii_lowercase().as_slice() {
        b"string" => |writer| writer.bulk(b"Hello World"),
        b"integer" => |writer| writer.int(12345),
        b"double" => |writer| writer.double(EXAMPLE_DOUBLE),
        b"bignum" => |writer| writer.big_number(b"1234567999999999999999999999999999999"),
        b"null" => |writer| writer.null(),
        b"array" => |writer| {
            writer.array(3);
            (0..3).for_each(|n| writer.int(n));
        },
        b"set" => |writer| {
            writer.set(3);
            (0..3).for_each(|n| writer.int(n));
        },
        b"map" => map,
        b"attrib" => attribute,
        b"push" if proto == Proto::Resp2 => {
            return Err(Error::new("ERR RESP2 is not supported by this command"));
        }
        b"push" => push,
        b"verbatim" => |writer| writer.verbatim(*b"txt", b"This is a verbatim\nstring"),
        b"true" => |writer| writer.bool(true),
        b"false" => |writer| writer.bool(false),
        _ => {
            let text = format!("ERR Wrong protocol type name. Please use one of the following: {NAMES}");
            return Err(Error::with(text));
        }
    };
    Ok(reply.written(write))
}

fn map(writer: &mut Writer<'_>) {
    writer.map(3);
    for n in 0..3 {
        writer.int(n);
        writer.bool(n == 1);
    }
}

/// RESP2 has no attributes: only the reply that follows is sent.
fn attribute(writer: &mut Writer<'_>) {
    if writer.proto() == Proto::Resp3 {
        writer.attribute(1);
        writer.bulk(b"key-popularity");
        writer.array(2);
        writer.bulk(b"key:123");
        writer.int(90);
    }
    writer.bulk(b"Some real reply following the attribute");
}

/// Push messages stand between replies: this one follows its command's.
fn push(writer: &mut Writer<'_>) {
    writer.bulk(b"Some real reply following the push reply");
    writer.push(2);
    writer.bulk(b"server-cpu-usage");
    writer.int(42);
}
