//! Writing a stream's consumer groups, with pauses.

use super::{Form, NOBODY, id_bytes};
use crate::encode::Output;
use structs::stream::{ConsumerId, Group, Pending, StreamId};

/// How far a group is written.
pub(crate) enum GroupProgress {
    Start,
    /// Pending entries, from this id on.
    Pending(StreamId),
    /// Consumers: those left, the next one last, and of that one the ids from this one on, if its head is written.
    Consumers(Vec<Owner>, Option<StreamId>),
    End,
}

/// Whose pending entries are written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Consumer(ConsumerId),
    /// Those of nobody, and of a consumer with the name that stands for nobody.
    Nobody,
}

impl GroupProgress {
    /// Appends parts of a group until the output is full. Returns whether some are left.
    pub(super) fn step(&mut self, name: &[u8], group: &Group, form: Form, output: &mut Output<'_>) -> bool {
        loop {
            *self = match self {
                GroupProgress::Start => {
                    write_head(name, group, form, output);
                    GroupProgress::Pending(StreamId::MIN)
                }
                GroupProgress::Pending(from) => match write_pending(group, *from, form, output) {
                    Some(next) => GroupProgress::Pending(next),
                    None => {
                        let owners = owners(group, form);
                        output.number(owners.len() as u64);
                        GroupProgress::Consumers(owners, None)
                    }
                },
                GroupProgress::Consumers(owners, from) => match owners.last() {
                    Some(&owner) => {
                        *from = write_owner(group, owner, *from, form, output);
                        if from.is_none() {
                            owners.pop();
                        }
                        if !output.is_full() {
                            continue;
                        }
                        return true;
                    }
                    None => {
                        if form >= Form::Nobodys {
                            write_nobodys(group, output);
                        }
                        GroupProgress::End
                    }
                },
                GroupProgress::End => return false,
            };
            if output.is_full() && !matches!(self, GroupProgress::End) {
                return true;
            }
        }
    }
}

fn write_head(name: &[u8], group: &Group, form: Form, output: &mut Output<'_>) {
    output.text(name);
    output.number(group.last_id.ms);
    output.number(group.last_id.seq);
    if form >= Form::Counted {
        output.number(group.entries_read as u64);
    }
    output.number(group.pending_count() as u64);
}

/// Appends pending entries from an id on until the output is full. Returns the next id, if any is left.
fn write_pending(group: &Group, from: StreamId, form: Form, output: &mut Output<'_>) -> Option<StreamId> {
    for (id, pending) in group.pending_range(from, StreamId::MAX) {
        if output.is_full() {
            return Some(id);
        }
        output.bytes(&id_bytes(id));
        output.bytes(&delivery_time(&pending, form).to_le_bytes());
        output.number(pending.deliveries.into());
    }
    None
}

/// When an entry was delivered. Of one that is nobody's: its turn, counted from the beginning of time.
fn delivery_time(pending: &Pending, form: Form) -> i64 {
    match pending.consumer {
        Some(_) => pending.delivered_ms,
        None if form >= Form::Nobodys => 0,
        None => pending.delivered_ms.wrapping_sub(i64::MIN),
    }
}

/// A group's consumers, the first one last.
fn owners(group: &Group, form: Form) -> Vec<Owner> {
    let with_nobody = form < Form::Nobodys && group.released_count() > 0;
    let real = group.consumers().filter(|(_, consumer)| !with_nobody || consumer.name() != NOBODY);
    let mut owners: Vec<_> = real.map(|(id, _)| Owner::Consumer(id)).collect();
    owners.extend(with_nobody.then_some(Owner::Nobody));
    owners.reverse();
    owners
}

/// Appends a consumer's head, unless ids of it are written already, and its ids from one on until the output is full.
/// Returns the next id, if any is left.
fn write_owner(
    group: &Group,
    owner: Owner,
    from: Option<StreamId>,
    form: Form,
    output: &mut Output<'_>,
) -> Option<StreamId> {
    if from.is_none() {
        write_owner_head(group, owner, form, output);
    }
    let from = from.unwrap_or(StreamId::MIN);
    match owner {
        Owner::Consumer(consumer) => {
            write_ids(group.pending_of(consumer, from, StreamId::MAX).map(|(id, _)| id), output)
        }
        Owner::Nobody => {
            let nobodys =
                group.pending_range(from, StreamId::MAX).filter(|(_, pending)| is_nobodys(group, pending));
            write_ids(nobodys.map(|(id, _)| id), output)
        }
    }
}

fn write_owner_head(group: &Group, owner: Owner, form: Form, output: &mut Output<'_>) {
    let consumer = match owner {
        Owner::Consumer(id) => group.consumer(id),
        Owner::Nobody => group.find_consumer(NOBODY).and_then(|id| group.consumer(id)),
    };
    let nobodys = if owner == Owner::Nobody { group.released_count() } else { 0 };
    let (seen_ms, active_ms) = consumer.map_or((0, -1), |consumer| (consumer.seen_ms, consumer.active_ms));
    output.text(consumer.map_or(NOBODY, |consumer| consumer.name()));
    output.bytes(&seen_ms.to_le_bytes());
    if form >= Form::Active {
        output.bytes(&active_ms.to_le_bytes());
    }
    output.number((consumer.map_or(0, |consumer| consumer.pending()) + nobodys) as u64);
}

fn is_nobodys(group: &Group, pending: &Pending) -> bool {
    let consumer = pending.consumer.and_then(|id| group.consumer(id));
    consumer.is_none_or(|consumer| consumer.name() == NOBODY)
}

fn write_ids(ids: impl Iterator<Item = StreamId>, output: &mut Output<'_>) -> Option<StreamId> {
    for id in ids {
        if output.is_full() {
            return Some(id);
        }
        output.bytes(&id_bytes(id));
    }
    None
}

/// Appends the ids of the entries that are nobody's, those given back first in front.
fn write_nobodys(group: &Group, output: &mut Output<'_>) {
    output.number(group.released_count() as u64);
    let nobodys = group.pending_oldest_first().take_while(|(_, pending)| pending.consumer.is_none());
    nobodys.for_each(|(id, _)| output.bytes(&id_bytes(id)));
}
