//! What SSCAN and HSCAN share: options, and a few elements per call.

use crate::pattern::{NO_VALUES, ScanOptions};
use command::{Args, Done, Error, Reply, Result};
use structs::fields::{Element, View};

/// Steps without elements per element asked for, before a call ends without having found enough.
const STEPS_PER_ELEMENT: usize = 10;

/// What a walk shows of each element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// The member of a set.
    Name,
    /// Field and value of a hash; the field alone if the client says so.
    NameAndValue,
}

/// The options of a walk.
pub(crate) struct Walk<'a> {
    scan: ScanOptions<'a>,
    values: bool,
}

/// Reads a cursor: decimal digits, leading zeros included.
pub(crate) fn cursor(word: &[u8]) -> Result<u64> {
    const INVALID: Error = Error::new("ERR invalid cursor");
    let text = std::str::from_utf8(word).map_err(|_| INVALID)?;
    text.parse().map_err(|_| INVALID)
}

impl<'a> Walk<'a> {
    /// Reads the words behind the cursor.
    pub(crate) fn read(args: &mut Args<'a>, parts: Parts) -> Result<Walk<'a>> {
        let mut walk = Walk { scan: ScanOptions::NONE, values: parts == Parts::NameAndValue };
        while !args.is_empty() {
            if walk.scan.read_one(args)? {
                continue;
            }
            if args.take("NOVALUES") {
                if parts == Parts::Name {
                    return Err(NO_VALUES);
                }
                walk.values = false;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(walk)
    }

    /// The answer when there is no such key.
    pub(crate) fn nothing(reply: Reply<'_>) -> Done {
        let mut pair = reply.array(2);
        pair.bulk(b"0");
        pair.array(0);
        pair.done()
    }

    /// Answers the next cursor and the elements up to it.
    pub(crate) fn go(&self, elements: View<'_>, mut cursor: u64, reply: Reply<'_>) -> Done {
        let (mut found, mut seen, mut steps): (Vec<Element<'_>>, _, _) = (Vec::new(), 0, 0);
        loop {
            steps += 1;
            cursor = elements.scan(cursor, |element| {
                seen += 1;
                if element.name.with_text(|name| self.scan.pattern.matches(name)) {
                    found.push(element);
                }
            });
            if cursor == 0 || seen >= self.scan.count || steps / STEPS_PER_ELEMENT >= self.scan.count {
                break;
            }
        }
        let mut pair = reply.array(2);
        pair.bulk(itoa::Buffer::new().format(cursor).as_bytes());
        let mut list = pair.array(found.len() * if self.values { 2 } else { 1 });
        for element in found {
            list.string(element.name.into());
            if self.values {
                list.string(element.value.into());
            }
        }
        pair.done()
    }
}
