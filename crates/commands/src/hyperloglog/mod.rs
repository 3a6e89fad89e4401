//! HyperLogLogs: strings that tell about how many different elements they have been told of. What they consist of is
//! [`structs::sketch`]'s.

mod debug;
mod pfadd;
mod pfcount;
mod pfmerge;
mod self_test;
#[cfg(test)]
mod tests;

use command::{Command, Error, Event, Handler, Result};
use keyspace::Str;
use structs::sketch::{self, Form};

/// The family.
pub const COMMANDS: &[Command<Handler>] =
    &[pfadd::PFADD, pfcount::PFCOUNT, debug::PFDEBUG, pfmerge::PFMERGE, self_test::PFSELFTEST];

const CHANGED: Event = Event::string("pfadd");

const CORRUPT: Error = Error::new("INVALIDOBJ Corrupted HLL object detected");

/// A string that is a HyperLogLog by its header, with its form.
#[derive(Clone, Copy)]
struct Sketch<'a> {
    bytes: &'a [u8],
    form: Form,
}

impl<'a> Sketch<'a> {
    fn of(value: Str<'a>) -> Result<Sketch<'a>> {
        let Str::Bytes(bytes) = value else { return Err(NO_SKETCH) };
        sketch::form(bytes).map(|form| Sketch { bytes, form }).ok_or(NO_SKETCH)
    }
}

const NO_SKETCH: Error = Error::new("WRONGTYPE Key is not a valid HyperLogLog string value.");
