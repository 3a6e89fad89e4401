//! `FIELDS numfields field [field ...]`, and the moments at which elements expire.

use super::Elements;
use crate::expiry::{Measure, invalid};
use command::{Args, Error, Now, Result};

/// The latest moment at which an element may expire, in milliseconds since the epoch: the end of what Redis can keep.
const LATEST_MS: i64 = (1 << 46) - 1;

/// A time that is negative.
const NEGATIVE: Error = Error::new("ERR invalid expire time, must be >= 0");

/// Reads the names behind `FIELDS` (or `MEMBERS`), which are a command's last words.
pub(crate) fn names<'a, T: Elements>(
    args: &mut Args<'a>,
    not_positive: fn() -> Error,
) -> Result<impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a, T>> {
    if !args.take(T::BLOCK) {
        return Err(Error::with(format!(
            "ERR Mandatory argument {} is missing or not at the right position",
            T::BLOCK
        )));
    }
    let count = args.bytes().ok().and_then(base::num::parse_i64).filter(|count| *count > 0);
    let count = count.ok_or_else(not_positive)?;
    if usize::try_from(count) != Ok(args.left()) {
        return Err(Error::with(format!(
            "ERR The `num{}s` parameter must match the number of arguments",
            T::NOUN
        )));
    }
    Ok(args.take_many(args.left()))
}

/// What most commands say when there are no names.
pub(crate) fn not_positive<T: Elements>() -> Error {
    Error::with(format!("ERR Number of {}s must be a positive integer", T::NOUN))
}

/// The moment that a word of the command of this name means, in milliseconds since the epoch. It may be past.
pub(crate) fn moment(word: &[u8], measure: Measure, now: Now, command: &str) -> Result<i64> {
    let value = base::num::parse_i64(word).ok_or(Error::NOT_AN_INTEGER)?;
    if value < 0 {
        return Err(NEGATIVE);
    }
    measure.moment_ms(value, now).filter(|at_ms| *at_ms <= LATEST_MS).ok_or_else(|| invalid(command))
}

/// Reads `EX`, `PX`, `EXAT` or `PXAT` with its value, if one is next, for the command of this name.
pub(crate) fn take_moment(args: &mut Args<'_>, now: Now, command: &str) -> Result<Option<i64>> {
    let Some(measure) = Measure::take_option(args) else { return Ok(None) };
    moment(args.bytes()?, measure, now, command).map(Some)
}
