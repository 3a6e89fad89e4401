//! Whole numbers: their ranges, and the three ways to write them.

use base::{bytes, num};

use crate::value::{Problem, Scalar};

/// The range of a number and how it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    notation: Notation,
    min: i128,
    max: i128,
    /// Accepted values are moved into this range.
    clamp: (i128, i128),
}

#[derive(Clone, Copy, Debug)]
enum Notation {
    /// Canonical decimal digits.
    Decimal,
    /// Octal digits: file modes.
    Octal,
    /// Decimal digits with a unit of memory: `64mb`.
    Bytes,
}

/// The largest value of most counts.
pub(crate) const INT: i128 = i32::MAX as i128;
/// The largest value of sizes and durations.
pub(crate) const LONG: i128 = i64::MAX as i128;
/// The largest value of amounts of memory that have no smaller limit.
pub(crate) const ALL: i128 = u64::MAX as i128;

/// A decimal number from `min` to `max`.
pub(crate) const fn int(min: i128, max: i128) -> Number {
    Number { notation: Notation::Decimal, min, max, clamp: (min, max) }
}

/// An octal number from `min` to `max`.
pub(crate) const fn octal(min: i128, max: i128) -> Number {
    Number { notation: Notation::Octal, min, max, clamp: (min, max) }
}

/// An amount of memory from `min` to `max` bytes.
pub(crate) const fn bytes(min: i128, max: i128) -> Number {
    Number { notation: Notation::Bytes, min, max, clamp: (min, max) }
}

impl Number {
    /// Takes values outside `min` to `max` as if they were at its edge.
    pub(crate) const fn clamped(self, min: i128, max: i128) -> Self {
        Self { clamp: (min, max), ..self }
    }

    fn parse(&self, word: &[u8]) -> Result<i128, Problem> {
        let value = match self.notation {
            Notation::Decimal => {
                num::parse_i64(word).map(i128::from).ok_or("argument couldn't be parsed into an integer")
            }
            Notation::Octal => str::from_utf8(word)
                .ok()
                .and_then(|digits| i128::from_str_radix(digits, 8).ok())
                .ok_or("argument couldn't be parsed as an octal number"),
            Notation::Bytes => self.parse_bytes(word).ok_or("argument must be a memory value"),
        }?;
        if value < self.min || value > self.max {
            return Err(self.out_of_range());
        }
        Ok(value.clamp(self.clamp.0, self.clamp.1))
    }

    /// A negative amount is a special value where the range has one, and no amount elsewhere.
    fn parse_bytes(&self, word: &[u8]) -> Option<i128> {
        match bytes::parse_memory(word) {
            Some(amount) => Some(i128::from(amount)),
            None if self.min < 0 => num::parse_i64(word).map(i128::from),
            None => None,
        }
    }

    fn out_of_range(&self) -> Problem {
        let (min, max) = (self.digits(self.min), self.digits(self.max));
        format!("argument must be between {min} and {max} inclusive").into()
    }

    fn digits(&self, value: i128) -> String {
        match self.notation {
            Notation::Octal => format!("{value:o}"),
            Notation::Decimal | Notation::Bytes => value.to_string(),
        }
    }
}

/// An amount of memory in the largest unit that divides it.
pub(crate) fn in_units(amount: i128) -> String {
    const UNITS: [(i128, &str); 3] = [(1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb")];
    match UNITS.iter().find(|&&(size, _)| amount > 0 && amount % size == 0) {
        Some(&(size, unit)) => format!("{}{unit}", amount / size),
        None => amount.to_string(),
    }
}

macro_rules! number_settings {
    ($($type:ty),+) => {$(
        impl Scalar for $type {
            type Rule = Number;

            fn parse(word: &[u8], rule: &Number) -> Result<Self, Problem> {
                Self::try_from(rule.parse(word)?).map_err(|_| rule.out_of_range())
            }

            fn show(&self, rule: &Number) -> Vec<u8> {
                rule.digits(i128::from(*self)).into_bytes()
            }

            fn file_form(&self, rule: &Number) -> Option<Vec<u8>> {
                match rule.notation {
                    Notation::Bytes => Some(in_units(i128::from(*self)).into_bytes()),
                    Notation::Decimal | Notation::Octal => Some(Scalar::show(self, rule)),
                }
            }

            fn allowed(rule: &Number) -> String {
                allowed(rule)
            }
        }
    )+};
}

number_settings!(u8, u16, u32, u64, i32, i64);

fn allowed(rule: &Number) -> String {
    let (min, max) = (rule.digits(rule.min), rule.digits(rule.max));
    match rule.notation {
        Notation::Bytes if rule.min == 0 => "bytes".into(),
        Notation::Bytes => format!("bytes, from {}", in_units(rule.min)),
        Notation::Octal => format!("octal, {min} to {max}"),
        Notation::Decimal if rule.max < INT => format!("{min} to {max}"),
        Notation::Decimal if rule.min == i128::from(i32::MIN) => "integer".into(),
        Notation::Decimal => format!("integer, from {min}"),
    }
}
