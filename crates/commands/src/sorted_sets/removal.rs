//! Removing elements by rank, where some that are due may still lie between them.

use command::{Event, Open};
use std::ops::Range;
use structs::ranked::{Ranked, View};

/// What has become of a removal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    /// The record of the command is left to the command.
    NotYet,
    /// The members are recorded by their names: ranks mean others to who replays the journal, which knows nothing of time.
    ByName,
}

/// The elements of an opened set that are to be seen.
pub(super) fn shown<'s>(set: &'s Open<'_, '_, Ranked>) -> View<'s> {
    set.alive_at(set.alive_from_ms())
}

/// Removes the elements that are [`shown`] with these ranks, which must exist.
pub(super) fn remove_shown(set: &mut Open<'_, '_, Ranked>, ranks: Range<usize>, event: Event) -> Recorded {
    let count = ranks.len();
    if count == 0 {
        return Recorded::NotYet;
    }
    let view = shown(set);
    if !view.hides_some() {
        set.remove_range(ranks);
        set.changed_by(count, event);
        return Recorded::NotYet;
    }
    let members: Vec<Vec<u8>> =
        view.iter_from(ranks.start).take(count).map(|element| element.member.to_vec()).collect();
    for member in &members {
        set.remove(member);
    }
    set.changed_by(count, event);
    set.outcome_for(b"ZREM", &[], &members.iter().map(Vec::as_slice).collect::<Vec<_>>());
    Recorded::ByName
}
