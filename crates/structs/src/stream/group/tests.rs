//! Pending entries against an ordered map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{ConsumerId, Group, Pending};
use crate::clones;
use crate::stream::StreamId;

#[derive(Clone, Copy, Debug)]
enum Op {
    /// New entries for a consumer, after so many milliseconds.
    Deliver(usize, usize, i64),
    /// Acknowledge every n-th pending entry, up to so many, from one on.
    Acknowledge(usize, usize, usize),
    /// Give entries from one on to a consumer, at a moment so long ago.
    Claim(usize, usize, usize, i64),
    /// Make an entry pending that isn't.
    Force(u64, usize),
    /// Deliver again from an id on.
    Rewind(u64),
    RemoveConsumer(usize),
    /// Give entries from one on back.
    Release(usize, usize),
}

fn op() -> impl Strategy<Value = Op> {
    let who = || 0usize..4;
    prop_oneof![
        6 => (1usize..20, who(), 0i64..3).prop_map(|(count, who, later)| Op::Deliver(count, who, later)),
        5 => (0usize..60, 1usize..4, 1usize..40)
            .prop_map(|(from, step, count)| Op::Acknowledge(from, step, count)),
        2 => (0usize..60, 1usize..10, who(), 0i64..20)
            .prop_map(|(from, count, who, ago)| Op::Claim(from, count, who, ago)),
        1 => (0u64..200, who()).prop_map(|(id, who)| Op::Force(id, who)),
        1 => (0u64..100).prop_map(Op::Rewind),
        1 => who().prop_map(Op::RemoveConsumer),
        2 => (0usize..60, 1usize..5).prop_map(|(from, count)| Op::Release(from, count)),
    ]
}

#[derive(Clone)]
struct Fixture {
    group: Group,
    model: BTreeMap<StreamId, Pending>,
    consumers: Vec<ConsumerId>,
    next: u64,
    now_ms: i64,
    next_turn: i64,
}

fn id_of(number: u64) -> StreamId {
    StreamId::new(number / 3, number % 3)
}

impl Fixture {
    fn new() -> Self {
        let mut group = Group::new(StreamId::MIN, 0);
        let consumers = ["d", "c", "b", "a"].map(|name| group.create_consumer(name.as_bytes(), 0).0);
        Self {
            group,
            model: BTreeMap::new(),
            consumers: consumers.into(),
            next: 1,
            now_ms: 1000,
            next_turn: i64::MIN,
        }
    }

    fn pending_from(&self, index: usize) -> Vec<StreamId> {
        self.model.keys().skip(index % self.model.len().max(1)).copied().collect()
    }

    fn set(&mut self, id: StreamId, pending: Pending) {
        self.group.set_pending(id, pending);
        self.model.insert(id, pending);
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Deliver(count, who, later) => {
                self.now_ms += later;
                let ids: Vec<_> = (self.next..self.next + count as u64).map(id_of).collect();
                self.next += count as u64;
                self.group.deliver(&ids, self.consumers[who], self.now_ms);
                let pending =
                    Pending { consumer: Some(self.consumers[who]), deliveries: 1, delivered_ms: self.now_ms };
                self.model.extend(ids.into_iter().map(|id| (id, pending)));
            }
            Op::Acknowledge(from, step, count) => {
                for id in self.pending_from(from).into_iter().step_by(step).take(count) {
                    assert_eq!(self.group.acknowledge(id), self.model.remove(&id));
                    assert_eq!(self.group.acknowledge(id), None);
                }
            }
            Op::Claim(from, count, who, ago) => {
                for id in self.pending_from(from).into_iter().take(count) {
                    let deliveries = self.model[&id].deliveries + 1;
                    let delivered_ms = self.now_ms - ago;
                    self.set(id, Pending { consumer: Some(self.consumers[who]), deliveries, delivered_ms });
                }
            }
            Op::Force(number, who) => {
                let pending =
                    Pending { consumer: Some(self.consumers[who]), deliveries: 1, delivered_ms: self.now_ms };
                self.set(id_of(number % self.next), pending);
            }
            Op::Rewind(number) => self.next = number.clamp(1, self.next),
            Op::RemoveConsumer(who) => self.remove_consumer(who),
            Op::Release(from, count) => {
                for id in self.pending_from(from).into_iter().take(count) {
                    let deliveries = self.model[&id].deliveries;
                    self.group.release(id, deliveries);
                    let pending = Pending { consumer: None, deliveries, delivered_ms: self.next_turn };
                    self.next_turn += 1;
                    self.model.insert(id, pending);
                }
            }
        }
    }

    fn remove_consumer(&mut self, who: usize) {
        let id = self.consumers[who];
        let before = self.model.len();
        self.model.retain(|_, pending| pending.consumer != Some(id));
        assert_eq!(self.group.remove_consumer(id), before - self.model.len());
        assert!(self.group.consumer(id).is_none());
        let (id, created) = self.group.create_consumer(format!("again {who}").as_bytes(), 0);
        assert!(created);
        self.consumers[who] = id;
    }

    fn check(&mut self) {
        self.group.pending.check();
        self.group.consumers.check();
        assert_eq!(self.group.pending_count(), self.model.len());
        let released = self.model.values().filter(|pending| pending.consumer.is_none()).count();
        assert_eq!(self.group.released_count(), released);
        let all = self.group.pending_range(StreamId::MIN, StreamId::MAX);
        assert!(all.eq(self.model.iter().map(|(id, pending)| (*id, *pending))));
        self.check_consumers();
        self.check_moments();
    }

    fn check_consumers(&self) {
        let (from, to) = (id_of(self.next / 4), id_of(self.next / 2));
        for &id in &self.consumers {
            let expected: Vec<_> =
                self.model.iter().filter(|(_, pending)| pending.consumer == Some(id)).collect();
            let consumer = self.group.consumer(id).expect("every consumer exists");
            assert_eq!(consumer.pending(), expected.len());
            let found: Vec<_> = self.group.pending_of(id, StreamId::MIN, StreamId::MAX).collect();
            assert!(found.iter().map(|(id, pending)| (id, pending)).eq(expected.iter().copied()));
            let expected: Vec<_> =
                expected.into_iter().map(|(id, _)| *id).filter(|&id| from <= id && id <= to).collect();
            let found: Vec<_> = self.group.pending_of(id, from, to).map(|(id, _)| id).collect();
            assert_eq!(found, expected);
        }
    }

    fn check_moments(&mut self) {
        let mut expected: Vec<_> =
            self.model.iter().map(|(id, pending)| (pending.delivered_ms, *id)).collect();
        expected.sort_unstable();
        let found = self.group.pending_oldest_first().map(|(id, pending)| (pending.delivered_ms, id));
        assert!(found.eq(expected.iter().copied()));
        assert_eq!(self.group.oldest_delivery_ms(), expected.first().map(|(moment, _)| *moment));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn behaves_like_an_ordered_map(steps in clones::steps(op(), 1..60)) {
        clones::walk(Fixture::new(), steps, Fixture::apply, Fixture::check);
    }
}

/// One consumer never acknowledges an entry; others read and acknowledge for a long time.
#[test]
fn indexes_stay_small_beside_a_stuck_entry() {
    let mut group = Group::new(StreamId::MIN, 0);
    let (consumer, _) = group.create_consumer(b"c", 0);
    group.deliver(&[id_of(1)], consumer, 0);
    for number in 2..10_000 {
        group.deliver(&[id_of(number)], consumer, number as i64);
        assert!(group.acknowledge(id_of(number)).is_some());
        assert!(group.memory_bytes() < 4096);
    }
    assert_eq!(group.pending_oldest_first().map(|(id, _)| id).collect::<Vec<_>>(), [id_of(1)]);
}
