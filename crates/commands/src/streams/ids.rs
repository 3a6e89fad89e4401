//! Lists of ids among the arguments.

use super::id;
use command::{Args, Error, Result};
use smallvec::SmallVec;
use structs::stream::StreamId;

/// A few ids.
pub(super) type Ids = SmallVec<[StreamId; 8]>;

/// Reads ids up to the last argument.
pub(super) fn read_all(args: &mut Args<'_>) -> Result<Ids> {
    args.rest().map(id::exact).collect()
}

/// What is answered when a block of ids is wrong.
pub(super) struct BlockErrors {
    /// Their number isn't one, or not positive.
    pub(super) not_positive: Error,
    /// There are fewer ids.
    pub(super) too_few: Error,
}

/// Reads `numids id [id ...]`.
pub(super) fn read_block(args: &mut Args<'_>, errors: &BlockErrors) -> Result<Ids> {
    let numids = args.int().ok().filter(|numids| *numids > 0).ok_or_else(|| errors.not_positive.clone())?;
    let numids = usize::try_from(numids).ok().filter(|numids| *numids <= args.left());
    args.take_many(numids.ok_or_else(|| errors.too_few.clone())?).map(id::exact).collect()
}
