//! `Stream`: an append-only log of entries, and the groups that read it.

mod deliver;
mod group;
mod id;
mod log;
mod producers;
mod references;

#[cfg(test)]
mod tests;

pub use deliver::Delivery;
pub use group::{Consumer, ConsumerId, Group, Pending, PendingRange};
pub use id::StreamId;
pub use log::{
    BadBlock, BlockBytes, BlockLimits, Entry, EntryTooLarge, FieldList, Fields, Log, MAX_ENTRY_BYTES, Range,
    RangeBack, Trim, TrimTo,
};
pub use producers::{ProducerLimits, Producers};
pub use references::{Deletion, References};

use triomphe::Arc;

use crate::tree::{Map, own};

/// The name of a group, a consumer or a producer. Names live in maps whose nodes are copied when they are shared.
type Name = Arc<[u8]>;

/// Bytes that a name takes beyond the reference to it.
fn name_bytes(name: &[u8]) -> usize {
    size_of::<usize>() + name.len()
}

/// A log with the ids and counters that outlive its entries, and its consumer groups by name.
///
/// Cloning costs the same whatever it holds: the clone shares blocks of entries, groups, consumers and pending entries,
/// and whoever changes one of them afterwards copies the nodes on the path to it.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    log: Log,
    last_id: StreamId,
    max_deleted_id: StreamId,
    entries_added: u64,
    groups: Map<Name, Arc<Group>>,
    producers: Option<Box<Producers>>,
}

impl Stream {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stream around a log read from elsewhere.
    pub fn from_log(log: Log) -> Self {
        let last_id = log.last_id().unwrap_or_default();
        let entries_added = log.len();
        Self { log, last_id, entries_added, ..Self::default() }
    }

    /// The entries.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Number of entries. O(1).
    #[inline]
    pub fn len(&self) -> u64 {
        self.log.len()
    }

    /// Whether there are no entries. (A stream without entries still exists.)
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Bytes allocated beyond the `Stream` itself. O(groups), whatever the number of entries and consumers.
    pub fn memory_bytes(&self) -> usize {
        let group = size_of::<usize>() + size_of::<Group>();
        let groups = self.groups().map(|(name, held)| name_bytes(name) + group + held.memory_bytes());
        let producers = self.producers.as_ref();
        let producers = producers.map_or(0, |producers| size_of::<Producers>() + producers.memory_bytes());
        self.log.memory_bytes() + self.groups.memory_bytes() + groups.sum::<usize>() + producers
    }

    /// The largest id the stream ever had, or was told to have had.
    #[inline]
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// Sets the id that new entries must be larger than. Not below that of the last entry.
    pub fn set_last_id(&mut self, id: StreamId) {
        self.last_id = id;
    }

    /// The id of the first entry; `0-0` without entries.
    pub fn first_id(&self) -> StreamId {
        self.log.first_id().unwrap_or_default()
    }

    /// The largest id that was deleted one by one (not by trimming).
    pub fn max_deleted_id(&self) -> StreamId {
        self.max_deleted_id
    }

    /// Sets the largest id that was deleted.
    pub fn set_max_deleted_id(&mut self, id: StreamId) {
        self.max_deleted_id = id;
    }

    /// Number of entries ever added.
    pub fn entries_added(&self) -> u64 {
        self.entries_added
    }

    /// Sets the number of entries ever added.
    pub fn set_entries_added(&mut self, entries: u64) {
        self.entries_added = entries;
    }

    /// Appends an entry. The caller sees to it that `id` is larger than [`Self::last_id`]. O(log n).
    ///
    /// # Errors
    /// When the entry is too large; the stream is then as before.
    pub fn append<'a>(
        &mut self,
        id: StreamId,
        fields: impl FieldList<'a>,
        limits: &BlockLimits,
    ) -> Result<(), EntryTooLarge> {
        self.log.append(id, fields, limits)?;
        self.last_id = id;
        self.entries_added += 1;
        Ok(())
    }

    /// Number of groups.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// The groups in order of their names.
    pub fn groups(&self) -> impl Iterator<Item = (&[u8], &Group)> {
        self.groups.iter().map(|(name, group)| (&**name, &**group))
    }

    /// The group with a name.
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.groups.get(name).map(|group| &**group)
    }

    /// The group with a name, to change it.
    pub fn group_mut(&mut self, name: &[u8]) -> Option<&mut Group> {
        self.groups.get_mut(name).map(own)
    }

    /// The entries, and the group with a name, to change it.
    pub fn log_and_group_mut(&mut self, name: &[u8]) -> Option<(&Log, &mut Group)> {
        self.groups.get_mut(name).map(|group| (&self.log, own(group)))
    }

    /// Adds a group. Returns false when there is one with that name.
    pub fn create_group(&mut self, name: &[u8], group: Group) -> bool {
        if self.groups.get(name).is_some() {
            return false;
        }
        self.groups.insert(name.into(), Arc::new(group));
        true
    }

    /// Removes a group. Returns whether there was one.
    pub fn remove_group(&mut self, name: &[u8]) -> bool {
        self.groups.remove(name).is_some()
    }

    /// What the stream remembers of its producers, if any of them wanted it to.
    pub fn producers(&self) -> Option<&Producers> {
        self.producers.as_deref()
    }

    /// What the stream remembers of its producers, to change it; `limits` are for a stream that remembered nothing yet.
    pub fn producers_mut(&mut self, limits: ProducerLimits) -> &mut Producers {
        self.producers.get_or_insert_with(|| Box::new(Producers::new(limits)))
    }

    /// Number of entries the group hasn't delivered yet: those behind its last id. Always exact. O(log n).
    pub fn lag(&self, group: &Group) -> u64 {
        self.len() - self.log.rank(group.last_id)
    }
}
