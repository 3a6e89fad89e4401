//! Delivering new entries to a consumer, and Redis' count of the entries a group has read.

use super::{ConsumerId, Entry, Stream, StreamId};

/// The count of entries read can't be told.
const UNKNOWN: i64 = -1;
/// Ids handed to the group at once.
const BATCH: usize = 32;

/// A request for entries no consumer of the group got yet.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// Name of the group.
    pub group: &'a [u8],
    /// The consumer that gets the entries.
    pub consumer: ConsumerId,
    /// Most entries to deliver.
    pub count: usize,
    /// The time, in Unix milliseconds.
    pub now_ms: i64,
    /// Don't make the entries pending.
    pub no_ack: bool,
}

/// What the count of entries read is worked out from.
#[derive(Clone, Copy)]
struct Counters {
    len: u64,
    entries_added: u64,
    first_id: StreamId,
    last_id: StreamId,
    max_deleted_id: StreamId,
}

impl Counters {
    /// Whether an entry behind `id` may have been deleted one by one.
    fn deleted_after(&self, id: StreamId) -> bool {
        let deleted = self.max_deleted_id;
        self.len > 0 && deleted != StreamId::MIN && self.first_id <= deleted && id <= deleted
    }

    /// Number of entries ever added with an id of at most `id`, when that can be told.
    fn entries_upto(&self, id: StreamId) -> i64 {
        let added = self.entries_added as i64;
        if added == 0 {
            return 0;
        }
        if id == self.last_id || (self.len == 0 && id < self.last_id) {
            return added;
        }
        let gaps = self.max_deleted_id != StreamId::MIN && self.max_deleted_id >= self.first_id;
        if id > self.last_id || gaps || id > self.first_id {
            return UNKNOWN;
        }
        added - self.len as i64 + i64::from(id == self.first_id)
    }

    /// The count after delivering the entry `id`, the next one after `last_id`: one more while nothing can have
    /// gone missing since the group's last entry.
    fn entries_read_after(&self, entries_read: i64, last_id: StreamId, id: StreamId) -> i64 {
        if entries_read != UNKNOWN && last_id >= self.first_id && !self.deleted_after(last_id) {
            entries_read.saturating_add(1)
        } else {
            self.entries_upto(id)
        }
    }
}

impl Stream {
    fn counters(&self) -> Counters {
        Counters {
            len: self.len(),
            entries_added: self.entries_added,
            first_id: self.first_id(),
            last_id: self.last_id,
            max_deleted_id: self.max_deleted_id,
        }
    }

    /// Redis' guess at the number of entries ever added up to an id: -1 when it can't be told. What a group
    /// whose last id is set reports as entries read. (The lag is exact and doesn't depend on it.)
    pub fn entries_read_at(&self, id: StreamId) -> i64 {
        self.counters().entries_upto(id)
    }

    /// Shows entries behind the group's last id to `each`, makes them pending for the consumer, and moves the
    /// group on. Returns how many there were; none when there is no such group. O(log n) and the entries.
    pub fn deliver(&mut self, delivery: &Delivery<'_>, mut each: impl FnMut(Entry<'_>)) -> usize {
        let counters = self.counters();
        let Some((log, group)) = self.log_and_group_mut(delivery.group) else { return 0 };
        if group.last_id >= counters.last_id {
            return 0;
        }
        let from = group.last_id.next().unwrap_or(StreamId::MAX);
        let mut entries = log.range(from, StreamId::MAX).take(delivery.count);
        let mut delivered = 0;
        loop {
            let mut ids = [StreamId::MIN; BATCH];
            let mut used = 0;
            for (slot, entry) in ids.iter_mut().zip(&mut entries) {
                *slot = entry.id;
                used += 1;
                each(entry);
            }
            if used == 0 {
                return delivered;
            }
            for &id in &ids[..used] {
                group.entries_read = counters.entries_read_after(group.entries_read, group.last_id, id);
                group.last_id = id;
            }
            if !delivery.no_ack {
                group.deliver(&ids[..used], delivery.consumer, delivery.now_ms);
            }
            delivered += used;
        }
    }
}
