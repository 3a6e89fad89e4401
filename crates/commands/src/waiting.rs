//! Taking from the first of several keys that holds a value of a type, and waiting where none does.

use command::{Cx, Done, Park, Reply, Result, Step};
use keyspace::Typed;
use structs::deque::Deque;
use structs::ranked::Ranked;

/// A container that clients wait for something to be in.
pub(crate) trait Awaited: Typed {
    /// Whether there is anything that doesn't expire before a moment, in milliseconds since the epoch.
    fn has_any(&self, from_ms: i64) -> bool;
}

impl Awaited for Deque {
    fn has_any(&self, _: i64) -> bool {
        true
    }
}

impl Awaited for Ranked {
    fn has_any(&self, from_ms: i64) -> bool {
        !self.alive_at(from_ms).is_empty()
    }
}

/// The first of `keys` that holds a `T` with anything in it; not counted as a use.
///
/// # Errors
/// [`command::Error::WRONG_TYPE`] if a key before it holds something else.
pub(crate) fn first<'k, T: Awaited>(
    cx: &mut Cx<'_>,
    keys: impl Iterator<Item = &'k [u8]>,
) -> Result<Option<&'k [u8]>> {
    let from_ms = cx.alive_from_ms();
    for key in keys {
        if cx.look_object::<T>(key)?.is_some_and(|object| object.has_any(from_ms)) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Serves `step` by the first of `keys` that holds a `T`; if none does, the step waits for one, or ends if the caller may
/// not wait.
///
/// # Errors
/// As [`first`], and those of the step.
pub(crate) fn serve_or_wait<'k, T: Awaited>(
    cx: &mut Cx<'_>,
    keys: impl Iterator<Item = &'k [u8]> + Clone,
    step: impl Step + 'static,
    deadline_ms: Option<i64>,
    reply: Reply<'_>,
) -> Result<Done> {
    match first::<T>(cx, keys.clone())? {
        Some(key) => step.serve(cx, key, reply),
        None if cx.caller.may_block => Ok(wait(reply, keys, step, deadline_ms)),
        None => Ok(step.timed_out(reply)),
    }
}

/// Leaves the rest of a command to `step`.
pub(crate) fn wait<'k>(
    reply: Reply<'_>,
    keys: impl Iterator<Item = &'k [u8]>,
    step: impl Step + 'static,
    deadline_ms: Option<i64>,
) -> Done {
    reply.park(Park { keys: keys.map(Box::from).collect(), step: Box::new(step), deadline_ms })
}
