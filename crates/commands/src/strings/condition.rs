//! What must hold of a key for a command to change it: the conditions of SET and DELEX.

use super::digest::{self, DIGEST_LEN};
use command::{Args, Error, Result, Slot};

/// A digest that isn't 64 bits in hexadecimal. Only its length is looked at, as in Redis.
const DIGEST_LENGTH: Error = Error::new("ERR must be exactly 16 hexadecimal characters");

/// A condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Condition<'a> {
    /// NX: the key is absent.
    Absent,
    /// XX: the key exists.
    Present,
    /// The string compares so.
    Compare(Compare<'a>),
}

/// A comparison of the key's string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Compare<'a> {
    with: With<'a>,
    wanted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum With<'a> {
    Value(&'a [u8]),
    Digest(&'a [u8]),
}

impl<'a> Condition<'a> {
    /// Reads a condition, if the next word is one.
    pub(super) fn take(args: &mut Args<'a>) -> Result<Option<Condition<'a>>> {
        Ok(match Condition::take_existence(args) {
            Some(condition) => Some(condition),
            None => Compare::take(args)?.map(Condition::Compare),
        })
    }

    /// Reads NX or XX, if the next word is one.
    pub(super) fn take_existence(args: &mut Args<'a>) -> Option<Condition<'a>> {
        if args.take("NX") {
            Some(Condition::Absent)
        } else if args.take("XX") {
            Some(Condition::Present)
        } else {
            None
        }
    }

    /// Adds a condition to what has been read. Only NX and XX may be repeated.
    ///
    /// # Errors
    /// A syntax error for a second one.
    pub(super) fn add(into: &mut Option<Condition<'a>>, read: Condition<'a>) -> Result<()> {
        let repeated = *into == Some(read) && !matches!(read, Condition::Compare(_));
        if into.is_some() && !repeated {
            return Err(Error::SYNTAX);
        }
        *into = Some(read);
        Ok(())
    }

    /// Whether the condition holds.
    ///
    /// # Errors
    /// A comparison with a key that holds no string, or with what isn't a digest.
    pub(super) fn holds(self, slot: &Slot<'_, '_>) -> Result<bool> {
        match self {
            Condition::Absent => Ok(!slot.exists()),
            Condition::Present => Ok(slot.exists()),
            Condition::Compare(compare) => compare.holds(slot),
        }
    }
}

impl<'a> Compare<'a> {
    /// Whether the string is `value`.
    pub(super) fn equal(value: &'a [u8]) -> Compare<'a> {
        Compare { with: With::Value(value), wanted: true }
    }

    /// Reads IFEQ, IFNE, IFDEQ or IFDNE with its value, if the next word is one of them.
    ///
    /// # Errors
    /// A syntax error when the value is missing.
    pub(super) fn take(args: &mut Args<'a>) -> Result<Option<Compare<'a>>> {
        const OPTIONS: [(&str, bool, bool); 4] =
            [("IFEQ", false, true), ("IFNE", false, false), ("IFDEQ", true, true), ("IFDNE", true, false)];
        let Some((_, digest, wanted)) = OPTIONS.into_iter().find(|(name, ..)| args.take(name)) else {
            return Ok(None);
        };
        let word = args.bytes()?;
        let with = if digest { With::Digest(word) } else { With::Value(word) };
        Ok(Some(Compare { with, wanted }))
    }

    /// Whether the comparison holds; of an absent key it holds if it asks for something else.
    ///
    /// # Errors
    /// As [`Condition::holds`].
    pub(super) fn holds(self, slot: &Slot<'_, '_>) -> Result<bool> {
        let Some(value) = slot.string()? else { return Ok(!self.wanted) };
        let same = match self.with {
            With::Value(wanted) => value.with_text(|text| text == wanted),
            With::Digest(wanted) if wanted.len() == DIGEST_LEN => {
                value.with_text(digest::digest).eq_ignore_ascii_case(wanted)
            }
            With::Digest(_) => return Err(DIGEST_LENGTH),
        };
        Ok(same == self.wanted)
    }
}
