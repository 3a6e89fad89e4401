//! Sorted sets, in the four forms they have had.
//!
//! ```text
//! zset-v1        n, n times: a member, its score as text
//! zset-v2        n, n times: a member, its score as a double (8 bytes, LE)
//! zset-ziplist   one ziplist of members, each followed by its score, in order
//! zset-listpack  the same as a listpack
//!
//! score as text  a byte: 253 is not a number, 254 infinity, 255 its negation, else the length of the text that follows
//! ```
//!
//! The forms that aren't packed begin with the highest score, as Redis writes them; they may come in any order.

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use crate::extension;
use crate::value_type::ValueType;
use crate::version::Version;
use crate::ziplist;
use base::num::parse_f64;
use keyspace::{ObjectBox, Value};
use structs::packed::{End, Packed};
use structs::ranked::{Limits, Ranked};

const NOT_A_NUMBER: u8 = 253;
const INFINITY: u8 = 254;
const NEGATIVE_INFINITY: u8 = 255;

/// The type that a sorted set is written as.
pub(crate) fn type_for(set: &Ranked, version: Version) -> ValueType {
    if set.packed().is_some() && version >= Version::V10 {
        ValueType::SortedSetListpack
    } else {
        ValueType::SortedSet2
    }
}

/// How far a sorted set is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    started: bool,
    /// Elements written.
    elements: usize,
}

impl Progress {
    /// Appends elements until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, set: &Ranked, output: &mut Output<'_>) -> bool {
        if let Some(packed) = set.packed()
            && type_for(set, output.version) == ValueType::SortedSetListpack
        {
            output.blob(&packed.to_listpack_bytes());
            return false;
        }
        if !self.started {
            self.started = true;
            output.number(set.len() as u64);
        }
        let Some(next) = set.len().checked_sub(self.elements + 1) else { return false };
        for element in set.iter_back_from(next) {
            if output.is_full() {
                return true;
            }
            element.member.with_text(|member| output.text(member));
            output.bytes(&element.score.to_le_bytes());
            self.elements += 1;
        }
        false
    }
}

/// When members expire, if any do.
pub(crate) fn extension(set: &Ranked, output: &mut Output<'_>) -> bool {
    let expiring = if set.first_expiry_ms().is_some() { set.expiries().count() } else { 0 };
    extension::push_expiries(set.expiries(), expiring, output)
}

/// Reads a sorted set.
pub(crate) fn decode(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    extension: Option<&[u8]>,
    limits: &Limits,
) -> Result<Value, Error> {
    let start = cursor.at();
    let mut set = match value_type {
        ValueType::SortedSet => read_elements(cursor, limits, text_score)?,
        ValueType::SortedSet2 => {
            read_elements(cursor, limits, |cursor| Ok(Some(f64::from_le_bytes(cursor.array()?))))?
        }
        ValueType::SortedSetZiplist => read_packed(cursor, limits, unpack_ziplist)?,
        ValueType::SortedSetListpack => {
            read_packed(cursor, limits, |bytes| Packed::from_listpack_bytes(bytes).map_err(Reason::Listpack))?
        }
        other => return Err(cursor.error(Reason::Unsupported(other))),
    };
    if set.is_empty() {
        return Err(Error::new(start, Reason::Empty));
    }
    extension::read_expiries(extension, |member, at_ms| set.set_expiry(member, Some(at_ms)))?;
    Ok(Value::Object(ObjectBox::new(set)))
}

/// Reads a number, and so many members each with its score, which `score` reads.
fn read_elements(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
    score: impl Fn(&mut Cursor<'_>) -> Result<Option<f64>, Error>,
) -> Result<Ranked, Error> {
    let mut set = Ranked::new();
    for _ in 0..cursor.count(2)? {
        let start = cursor.at();
        let member = cursor.string()?;
        let score = score(cursor)?.filter(|score| !score.is_nan());
        let score = score.ok_or(Error::new(start, Reason::SortedSet))?;
        if set.insert(&member, score, limits).is_some() {
            return Err(Error::new(start, Reason::SortedSet));
        }
    }
    Ok(set)
}

/// Reads a score as text; none if that is no number.
fn text_score(cursor: &mut Cursor<'_>) -> Result<Option<f64>, Error> {
    Ok(match cursor.byte()? {
        NOT_A_NUMBER => None,
        INFINITY => Some(f64::INFINITY),
        NEGATIVE_INFINITY => Some(f64::NEG_INFINITY),
        len => parse_f64(cursor.take(len.into())?),
    })
}

/// Reads a string of members and scores, which `unpack` makes a packed sequence of.
fn read_packed(
    cursor: &mut Cursor<'_>,
    limits: &Limits,
    unpack: impl Fn(&[u8]) -> Result<Packed, Reason>,
) -> Result<Ranked, Error> {
    let start = cursor.at();
    let bytes = cursor.string()?;
    let packed = unpack(&bytes).map_err(|reason| Error::new(start, reason))?;
    let mut set = Ranked::from_packed(packed).map_err(|_| Error::new(start, Reason::SortedSet))?;
    set.settle(limits);
    Ok(set)
}

fn unpack_ziplist(bytes: &[u8]) -> Result<Packed, Reason> {
    let mut packed = Packed::new();
    let read = ziplist::for_each(bytes, |item| item.with_text(|text| packed.push(End::Back, text)));
    read.map(|()| packed).ok_or(Reason::Ziplist)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value_type: ValueType, payload: &[u8]) -> Result<Vec<(Vec<u8>, f64)>, Reason> {
        let value = decode(&mut Cursor::new(payload), value_type, None, &Limits::default());
        let Value::Object(object) = value.map_err(|error| error.reason)? else { panic!("a sorted set") };
        let set = object.typed::<Ranked>().expect("a sorted set");
        Ok(set.iter().map(|element| (element.member.to_vec(), element.score)).collect())
    }

    #[test]
    fn scores_may_be_texts() {
        let payload = b"\x04\x01b\x032.5\x01a\xfe\x01c\xff\x01d\x02-7";
        let expected = [("c", f64::NEG_INFINITY), ("d", -7.0), ("b", 2.5), ("a", f64::INFINITY)];
        let expected = expected.map(|(member, score)| (member.as_bytes().to_vec(), score));
        assert_eq!(read(ValueType::SortedSet, payload), Ok(expected.to_vec()));
        for broken in [&b"\x01\x01a\xfd"[..], b"\x01\x01a\x01x", b"\x02\x01a\x011\x01a\x012"] {
            assert_eq!(read(ValueType::SortedSet, broken), Err(Reason::SortedSet));
        }
    }

    #[test]
    fn scores_are_numbers() {
        let payload = |score: f64| [&b"\x01\x01a"[..], &score.to_le_bytes()].concat();
        assert_eq!(read(ValueType::SortedSet2, &payload(1.5)), Ok(vec![(b"a".to_vec(), 1.5)]));
        assert_eq!(read(ValueType::SortedSet2, &payload(f64::NAN)), Err(Reason::SortedSet));
        assert_eq!(read(ValueType::SortedSet2, b"\0"), Err(Reason::Empty));
    }

    #[test]
    fn packed_elements_are_in_order() {
        let ziplist = |entries: &[u8], last: u8, count: u8| {
            let len = entries.len() as u8 + 11;
            [&[len, len, 0, 0, 0, last, 0, 0, 0, count, 0], entries, &[0xFF]].concat()
        };
        // a 1, b 2.5
        let good = ziplist(b"\x00\x01a\x03\xf2\x02\x01b\x03\x032.5", 18, 4);
        assert_eq!(
            read(ValueType::SortedSetZiplist, &good),
            Ok(vec![(b"a".to_vec(), 1.0), (b"b".to_vec(), 2.5)])
        );
        let falling = ziplist(b"\x00\x01a\x03\xf4\x02\x01b\x03\x032.5", 18, 4);
        assert_eq!(read(ValueType::SortedSetZiplist, &falling), Err(Reason::SortedSet));
        let odd = ziplist(b"\x00\x01a\x03\xf4\x02\x01b", 15, 3);
        assert_eq!(read(ValueType::SortedSetZiplist, &odd), Err(Reason::SortedSet));
        assert_eq!(read(ValueType::SortedSetZiplist, b"\x03abc"), Err(Reason::Ziplist));
    }
}
