//! Times to live as commands name them: read from their words, checked, made absolute.

use command::{Args, Error, Now, Result};
use keyspace::Expiry;

/// The unit of a time in a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    Seconds,
    Milliseconds,
}

/// Where a time in a command counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum From {
    Now,
    Epoch,
}

/// How a command measures time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Measure {
    pub(crate) unit: Unit,
    pub(crate) from: From,
}

impl Measure {
    /// EX, EXPIRE.
    pub(crate) const SECONDS: Measure = Measure { unit: Unit::Seconds, from: From::Now };
    /// PX, PEXPIRE.
    pub(crate) const MILLISECONDS: Measure = Measure { unit: Unit::Milliseconds, from: From::Now };
    /// EXAT, EXPIREAT.
    pub(crate) const UNIX_SECONDS: Measure = Measure { unit: Unit::Seconds, from: From::Epoch };
    /// PXAT, PEXPIREAT.
    pub(crate) const UNIX_MILLISECONDS: Measure = Measure { unit: Unit::Milliseconds, from: From::Epoch };

    /// Reads EX, PX, EXAT or PXAT, if a value follows it.
    pub(crate) fn take_option(args: &mut Args<'_>) -> Option<Measure> {
        const OPTIONS: [(&str, Measure); 4] = [
            ("EX", Measure::SECONDS),
            ("PX", Measure::MILLISECONDS),
            ("EXAT", Measure::UNIX_SECONDS),
            ("PXAT", Measure::UNIX_MILLISECONDS),
        ];
        OPTIONS.into_iter().find(|(name, _)| args.take_with_value(name)).map(|(_, measure)| measure)
    }

    /// The moment that `value` means, in milliseconds since the epoch; nothing if that can't be told in 64 bits.
    pub(crate) fn moment_ms(self, value: i64, now: Now) -> Option<i64> {
        let ms = match self.unit {
            Unit::Seconds => value.checked_mul(1000)?,
            Unit::Milliseconds => value,
        };
        match self.from {
            From::Now => ms.checked_add(now.ms()),
            From::Epoch => Some(ms),
        }
    }
}

/// A time that the command of this name can't take.
pub(crate) fn invalid(command: &str) -> Error {
    Error::with(format!("ERR invalid expire time in '{command}' command"))
}

/// The word of a command that says until when a key lives, not looked at yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Deadline<'a> {
    pub(crate) word: &'a [u8],
    pub(crate) measure: Measure,
}

impl<'a> Deadline<'a> {
    /// Reads EX, PX, EXAT or PXAT with its value.
    fn take(args: &mut Args<'a>) -> Option<Deadline<'a>> {
        let measure = Measure::take_option(args)?;
        args.bytes().ok().map(|word| Deadline { word, measure })
    }

    /// The moment in milliseconds since the epoch, for the command of this name. It may be past; the value itself must
    /// be positive.
    pub(crate) fn resolve(self, now: Now, command: &str) -> Result<i64> {
        let value = base::num::parse_i64(self.word).ok_or(Error::NOT_AN_INTEGER)?;
        let moment = if value > 0 { self.measure.moment_ms(value, now) } else { None };
        moment.ok_or_else(|| invalid(command))
    }
}

/// What a command says about the time to live of a key whose value it stores or reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ttl<'a> {
    /// Nothing.
    Unsaid,
    /// KEEPTTL.
    Keep,
    /// PERSIST.
    Persist,
    /// EX, PX, EXAT, PXAT.
    Until(Deadline<'a>),
}

impl<'a> Ttl<'a> {
    /// Reads an option about the time to live, if the next word is one: EX, PX, EXAT, PXAT or `bare` (KEEPTTL or
    /// PERSIST, whichever the command has). Repeating an option is allowed, its last value counts.
    ///
    /// # Errors
    /// A syntax error if another one has been read before.
    pub(crate) fn take(&mut self, args: &mut Args<'a>, bare: Ttl<'static>) -> Result<bool> {
        let word = if bare == Ttl::Keep { "KEEPTTL" } else { "PERSIST" };
        let read = if let Some(deadline) = Deadline::take(args) {
            Ttl::Until(deadline)
        } else if args.take(word) {
            bare
        } else {
            return Ok(false);
        };
        if *self != Ttl::Unsaid && !self.is_same_option(read) {
            return Err(Error::SYNTAX);
        }
        *self = read;
        Ok(true)
    }

    fn is_same_option(self, other: Ttl<'_>) -> bool {
        match (self, other) {
            (Ttl::Until(one), Ttl::Until(other)) => one.measure == other.measure,
            _ => self == other,
        }
    }

    /// What happens to the time to live of a key whose value is stored by the command of this name.
    pub(crate) fn resolve(self, now: Now, command: &str) -> Result<Expiry> {
        Ok(match self {
            Ttl::Unsaid | Ttl::Persist => Expiry::Never,
            Ttl::Keep => Expiry::Keep,
            Ttl::Until(deadline) => Expiry::At(deadline.resolve(now, command)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Now = Now { us: 5_000_999 };

    #[test]
    fn moments() {
        let cases = [
            (Measure::SECONDS, 1, Some(6000)),
            (Measure::MILLISECONDS, 1, Some(5001)),
            (Measure::UNIX_SECONDS, 1, Some(1000)),
            (Measure::UNIX_MILLISECONDS, 1, Some(1)),
            (Measure::MILLISECONDS, -6000, Some(-1000)),
            (Measure::SECONDS, i64::MAX / 1000, None),
            (Measure::UNIX_SECONDS, i64::MAX / 1000, Some(i64::MAX / 1000 * 1000)),
            (Measure::UNIX_SECONDS, i64::MAX / 1000 + 1, None),
            (Measure::UNIX_SECONDS, i64::MIN, None),
            (Measure::MILLISECONDS, i64::MAX - 5000, Some(i64::MAX)),
            (Measure::MILLISECONDS, i64::MAX - 4999, None),
            (Measure::UNIX_MILLISECONDS, i64::MAX, Some(i64::MAX)),
        ];
        for (measure, value, moment) in cases {
            assert_eq!(measure.moment_ms(value, NOW), moment, "{measure:?} {value}");
        }
    }

    #[test]
    fn deadlines_are_positive() {
        for (word, error) in [
            ("0", "ERR invalid expire time in 'set' command"),
            ("-1", "ERR invalid expire time in 'set' command"),
            ("9223372036854775807", "ERR invalid expire time in 'set' command"),
            ("9223372036854775808", "ERR value is not an integer or out of range"),
            ("1.5", "ERR value is not an integer or out of range"),
        ] {
            let deadline = Deadline { word: word.as_bytes(), measure: Measure::SECONDS };
            let result = deadline.resolve(NOW, "set");
            assert_eq!(
                result.map_err(|e| String::from_utf8_lossy(e.text()).into_owned()),
                Err(error.to_owned())
            );
        }
    }
}
