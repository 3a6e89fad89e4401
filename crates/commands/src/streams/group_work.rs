//! What a command does in a group for a consumer, and how the journal says it.

use super::ids::Ids;
use super::record::Record;
use super::shown_deliveries;
use command::{Event, Now, Open};
use smallvec::SmallVec;
use structs::stream::{ConsumerId, Pending, Stream, StreamId};

/// A new consumer reports this, whoever made it.
pub(super) const CONSUMER_CREATED: Event = Event::stream("xgroup-createconsumer");

/// A consumer of a group of a stream.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) key: &'a [u8],
    pub(super) group: &'a [u8],
    pub(super) consumer: &'a [u8],
}

/// The work of a command for a consumer. What happens in the group is noted here, and settled at the end.
pub(super) struct GroupWork<'a> {
    names: Names<'a>,
    now: Now,
    /// The consumer, which is created when the work begins.
    pub(super) consumer: ConsumerId,
    created: bool,
    moved: bool,
    /// Whether ids are noted: somebody reads the journal.
    recorded: bool,
    /// Whether the consumer got entries that are pending for it.
    active: bool,
    /// Number of changes.
    changes: usize,
    delivered: Ids,
    claimed: SmallVec<[(StreamId, Pending); 4]>,
    gone: Ids,
}

impl<'a> GroupWork<'a> {
    /// Begins to work for a consumer of a group that exists.
    pub(super) fn begin(stream: &mut Open<'_, '_, Stream>, names: Names<'a>, now: Now) -> Option<Self> {
        let recorded = stream.is_recorded();
        let group = stream.group_mut(names.group)?;
        let (consumer, created) = match group.find_consumer(names.consumer) {
            Some(consumer) => (consumer, false),
            None => group.create_consumer(names.consumer, now.ms()),
        };
        if let Some(consumer) = group.consumer_mut(consumer) {
            consumer.seen_ms = now.ms();
        }
        Some(GroupWork {
            names,
            now,
            consumer,
            created,
            moved: false,
            recorded,
            active: false,
            changes: usize::from(created),
            delivered: Ids::new(),
            claimed: SmallVec::new(),
            gone: Ids::new(),
        })
    }

    /// The consumer got a new entry, which is pending for it unless `no_ack`.
    #[inline]
    pub(super) fn delivered(&mut self, id: StreamId, no_ack: bool) {
        self.changes += 1;
        self.moved = true;
        if no_ack {
            return;
        }
        self.active = true;
        if self.recorded {
            self.delivered.push(id);
        }
    }

    /// The consumer got a pending entry, of which this is known now.
    pub(super) fn claimed(&mut self, id: StreamId, pending: Pending) {
        self.changes += 1;
        self.active = true;
        if self.recorded {
            self.claimed.push((id, pending));
        }
    }

    /// The consumer got an entry again that is pending for it: not a change for those who watch the key, but a further
    /// delivery, which replicas and files must know of.
    pub(super) fn redelivered(&mut self, id: StreamId, pending: Pending) {
        if self.recorded {
            self.claimed.push((id, pending));
        }
    }

    /// An entry isn't pending any more because it doesn't exist any more.
    pub(super) fn gone(&mut self, id: StreamId) {
        self.changes += 1;
        if self.recorded {
            self.gone.push(id);
        }
    }

    /// The group's last id has been moved.
    pub(super) fn moved(&mut self) {
        self.changes += 1;
        self.moved = true;
    }

    /// Ends the work: counts it, tells of a new consumer, and records everything.
    pub(super) fn settle(self, stream: &mut Open<'_, '_, Stream>) {
        if self.active
            && let Some(group) = stream.group_mut(self.names.group)
            && let Some(consumer) = group.consumer_mut(self.consumer)
        {
            consumer.active_ms = self.now.ms();
        }
        if self.created {
            stream.also(CONSUMER_CREATED);
        }
        stream.changed_unseen(self.changes);
        if self.active {
            stream.wake_ripening();
        }
        if self.recorded {
            self.record(stream);
        }
    }

    /// XCLAIM says of one entry whose it is, XGROUP SETID how far the group has read.
    fn record(&self, stream: &mut Open<'_, '_, Stream>) {
        let Some((last_id, entries_read)) =
            stream.group(self.names.group).map(|group| (group.last_id, group.entries_read))
        else {
            return;
        };
        let Names { key, group, consumer } = self.names;
        let db = stream.db();
        let effects = stream.effects();
        if self.created && self.delivered.is_empty() && self.claimed.is_empty() {
            Record::new([b"XGROUP", b"CREATECONSUMER", key, group, consumer]).enter(effects, db);
        }
        for (id, pending) in &self.claimed {
            self.claim_record(*id, pending.delivered_ms, pending.deliveries, last_id).enter(effects, db);
        }
        for id in &self.delivered {
            self.claim_record(*id, self.now.ms(), 1, *id).enter(effects, db);
        }
        if !self.gone.is_empty() {
            let mut record = Record::new([b"XACK", key, group]);
            for id in &self.gone {
                record.id(*id);
            }
            record.enter(effects, db);
        }
        if self.moved {
            let mut record = Record::new([b"XGROUP", b"SETID", key, group]);
            record.id(last_id).word(b"ENTRIESREAD").number(entries_read).enter(effects, db);
        }
    }

    fn claim_record(
        &self,
        id: StreamId,
        delivered_ms: i64,
        deliveries: u32,
        last_id: StreamId,
    ) -> Record<'a> {
        let Names { key, group, consumer } = self.names;
        let mut record = Record::new([b"XCLAIM", key, group, consumer, b"0"]);
        record.id(id).word(b"TIME").number(delivered_ms);
        record.word(b"RETRYCOUNT").number(shown_deliveries(deliveries));
        record.words([&b"FORCE"[..], b"JUSTID", b"LASTID"]).id(last_id);
        record
    }
}
