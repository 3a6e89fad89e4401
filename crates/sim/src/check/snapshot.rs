//! A snapshot is the state of its beginning: loaded into a second engine it gives the same keys, whatever was changed while it
//! was being taken.

use super::journal::dump_of;
use crate::run::Ended;
use crate::server::later;
use engine::{Aim, LoadOptions, Present};

/// Shards of the second engine: another number than the first one has.
const SHARDS: usize = 32;
/// A year later every key's time is over; the dump has them all.
const EVERYTHING: LoadOptions = LoadOptions { drop_expired: false, present: Present::Error, aim: Aim::Serve };

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    for (nth, cut) in ended.cuts.iter().enumerate() {
        let Some(snapshot) = &cut.snapshot else { continue };
        let engine = later(SHARDS, ended.plan.shape.seed ^ 2);
        let failed = |text: String| format!("snapshot {} of {}: {text}", nth + 1, ended.cuts.len());
        engine.load_rdb(&mut &snapshot[..], EVERYTHING, None).map_err(|error| failed(error.to_string()))?;
        if let Some(difference) = cut.dump.difference(&dump_of(&engine)) {
            return Err(failed(difference));
        }
    }
    Ok(())
}
