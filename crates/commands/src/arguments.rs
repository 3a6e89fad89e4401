//! Arguments that commands of several families have in common.

use command::{Args, Error, Result};

/// A number of elements that isn't positive.
const COUNT_NOT_POSITIVE: Error = Error::new("ERR count should be greater than 0");

/// Reads a number of elements, at least one; whatever is wrong with it gives the same error.
pub(crate) fn positive_count(args: &mut Args<'_>) -> Result<usize> {
    let count = args.int_in(1.., COUNT_NOT_POSITIVE).map_err(|_| COUNT_NOT_POSITIVE)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Reads a number that has a negation.
pub(crate) fn negatable(args: &mut Args<'_>) -> Result<i64> {
    const NOT_NEGATABLE: Error = Error::new(
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
    args.int_in(-i64::MAX..=i64::MAX, NOT_NEGATABLE)
}

/// Reads `numkeys key [key ...]`, which more words follow.
pub(crate) fn keys_before_more<'a>(
    args: &mut Args<'a>,
) -> Result<impl Iterator<Item = &'a [u8]> + Clone + use<'a>> {
    let numkeys = args.int_in(1.., Error::NUMKEYS).map_err(|_| Error::NUMKEYS)?;
    let numkeys = usize::try_from(numkeys).ok().filter(|n| *n < args.left()).ok_or(Error::SYNTAX)?;
    Ok(args.take_many(numkeys))
}

/// Reads the value of LIMIT, at which counting ends; 0 is no limit.
pub(crate) fn counting_limit(args: &mut Args<'_>) -> Result<usize> {
    const NEGATIVE: Error = Error::new("ERR LIMIT can't be negative");
    match args.int_in(0.., NEGATIVE).map_err(|_| NEGATIVE)? {
        0 => Ok(usize::MAX),
        limit => Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
    }
}
