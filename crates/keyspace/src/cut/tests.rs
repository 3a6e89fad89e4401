//! A cut of a keyspace that changes all the time is what a model held when the cut began.

use super::*;
use crate::{Expiry, Key, ObjectBox};
use proptest::prelude::*;
use std::collections::BTreeMap;
use structs::deque::{Deque, Limits};
use structs::packed::End;

const SEED: u64 = 7;
const DATABASES: DbIndex = 3;

/// What a key is, as the model and the sink write it down.
type State = BTreeMap<(DbIndex, Vec<u8>), (Option<i64>, Vec<Vec<u8>>)>;

#[derive(Clone, Debug)]
enum Change {
    Put(DbIndex, u8, Vec<u8>),
    Push(DbIndex, u8, u8),
    Edit(DbIndex, u8, usize),
    Expire(DbIndex, u8, Option<i64>),
    Remove(DbIndex, u8),
    Rename(DbIndex, u8, DbIndex, u8),
    Flush(DbIndex),
    Swap(DbIndex, DbIndex),
}

fn changes() -> impl Strategy<Value = Change> {
    let db = || 0..DATABASES;
    let key = || 0..40u8;
    let bytes = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..80),
        1 => (4090..9000usize).prop_map(|len| vec![b'x'; len]),
        1 => Just(vec![b'x'; 70_000]),
    ];
    prop_oneof![
        30 => (db(), key(), bytes).prop_map(|(db, key, bytes)| Change::Put(db, key, bytes)),
        20 => (db(), key(), any::<u8>()).prop_map(|(db, key, item)| Change::Push(db, key, item)),
        10 => (db(), key(), 0..200usize).prop_map(|(db, key, len)| Change::Edit(db, key, len)),
        10 => (db(), key(), proptest::option::of(1..1000i64)).prop_map(|(db, key, at)| Change::Expire(db, key, at)),
        15 => (db(), key()).prop_map(|(db, key)| Change::Remove(db, key)),
        10 => (db(), key(), db(), key()).prop_map(|(a, from, b, to)| Change::Rename(a, from, b, to)),
        1 => db().prop_map(Change::Flush),
        2 => (db(), db()).prop_map(|(a, b)| Change::Swap(a, b)),
    ]
}

fn describe(value: &Frozen) -> Vec<Vec<u8>> {
    match value {
        Frozen::Int(n) => vec![n.to_string().into_bytes()],
        Frozen::Bytes(bytes) => vec![bytes.clone()],
        Frozen::Blob(blob) => {
            let mut bytes = vec![0; blob.len()];
            blob.read(0, &mut bytes);
            vec![bytes]
        }
        Frozen::Object(object) => elements(object.get()),
    }
}

fn elements(object: &dyn crate::Object) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    object.elements(&mut |parts| all.extend(parts.iter().map(|part| part.to_vec())));
    all
}

fn apply(shards: &Shards<()>, change: &Change) {
    let at = |key: u8| format!("key:{key}").into_bytes();
    match change {
        Change::Put(db, key, bytes) => with(shards, *db, &at(*key), |db, key| {
            let place = db.find(key);
            drop(db.put_string(key, place, bytes, Expiry::Keep, 0));
        }),
        Change::Push(db, key, item) => with(shards, *db, &at(*key), |db, key| {
            let place = db.find(key).unwrap_or_else(|| {
                db.put_object(key, None, ObjectBox::new(Deque::new()), Expiry::Never, 0).0
            });
            db.change(key, place, |list: &mut Deque| list.push(End::Back, &[*item; 30], &Limits::default()));
        }),
        Change::Edit(db, key, len) => with(shards, *db, &at(*key), |db, key| {
            let Some(place) = db.find(key) else { return };
            if db.item(place).string().is_some() {
                db.edit_string(place, *len, 0..*len).fill(b'e');
            }
        }),
        Change::Expire(db, key, expiry) => with(shards, *db, &at(*key), |db, key| {
            if let Some(place) = db.find(key) {
                db.set_expiry(place, *expiry);
            }
        }),
        Change::Remove(db, key) => with(shards, *db, &at(*key), |db, key| {
            if let Some(place) = db.find(key) {
                drop(db.remove(key, place));
            }
        }),
        Change::Rename(a, from, b, to) => rename(shards, (*a, &at(*from)), (*b, &at(*to))),
        Change::Flush(db) => shards.ids().for_each(|id| drop(shards.lock(id).take_db(*db))),
        Change::Swap(a, b) => shards.ids().for_each(|id| shards.lock(id).swap_dbs(*a, *b)),
    }
}

fn rename(shards: &Shards<()>, from: (DbIndex, &[u8]), to: (DbIndex, &[u8])) {
    let mut taken = None;
    with(shards, from.0, from.1, |db, key| taken = db.find(key).map(|place| db.take(key, place)));
    if let Some((value, expiry)) = taken {
        with(shards, to.0, to.1, |db, key| {
            let place = db.find(key);
            drop(db.put_value(key, place, value, expiry.map_or(Expiry::Never, Expiry::At), 0));
        });
    }
}

fn with(shards: &Shards<()>, db: DbIndex, key: &[u8], act: impl FnOnce(&mut Db, &Key<'_>)) {
    let key = shards.key(key);
    act(shards.lock(shards.shard_of(key.bytes)).db_mut(db), &key);
}

fn state(shards: &Shards<()>) -> State {
    let mut state = State::new();
    for id in shards.ids() {
        for (index, db) in shards.lock(id).dbs() {
            db.for_each(|item| {
                let entry = (item.expiry_ms(), describe(&item.freeze()));
                state.insert((index, item.key().to_vec()), entry);
            });
        }
    }
    state
}

/// Writes down what it is shown, and lets a change happen whenever no shard is held.
struct Recorder<'a> {
    shards: &'a Shards<()>,
    seen: State,
    changes: std::vec::IntoIter<Change>,
    /// Changes after which it wants no more.
    patience: usize,
}

impl Recorder<'_> {
    fn record(&mut self, entry: &PreImage) {
        let state = (entry.expiry_ms, describe(&entry.value));
        let earlier = self.seen.insert((entry.db, entry.key.to_vec()), state);
        assert!(earlier.is_none(), "each entry is shown once");
    }
}

impl Sink for Recorder<'_> {
    fn item(&mut self, db: DbIndex, item: &Item<'_>) -> Hold {
        self.record(&PreImage::of(db, item));
        Hold::Enough
    }

    fn changed(&mut self, entry: PreImage) {
        self.record(&entry);
    }

    fn between(&mut self) -> bool {
        if let Some(change) = self.changes.next() {
            apply(self.shards, &change);
        }
        self.patience = self.patience.saturating_sub(1);
        self.patience > 0
    }
}

fn cut(shards: &Shards<()>, changes: Vec<Change>, patience: usize) -> (State, State, bool) {
    let before = state(shards);
    let ids: Vec<_> = shards.ids().collect();
    let walk = Walk::of(&mut shards.acquire(&ids));
    assert_eq!(walk.keys(), before.len());
    let mut recorder = Recorder { shards, seen: State::new(), changes: changes.into_iter(), patience };
    let complete = walk.run(shards, &mut recorder);
    (before, recorder.seen, complete)
}

proptest! {
    #[test]
    fn a_cut_is_the_state_of_its_beginning(
        first in proptest::collection::vec(changes(), 0..150),
        during in proptest::collection::vec(changes(), 0..200),
        after in proptest::collection::vec(changes(), 0..100),
    ) {
        let shards = Shards::new(4, SEED, None);
        first.iter().for_each(|change| apply(&shards, change));
        let (before, seen, complete) = cut(&shards, during, usize::MAX);
        prop_assert!(complete);
        prop_assert_eq!(before, seen);
        // The next one, with what the first has left behind.
        let (before, seen, _) = cut(&shards, after, usize::MAX);
        prop_assert_eq!(before, seen);
    }

    #[test]
    fn one_that_is_given_up_leaves_no_trace(
        first in proptest::collection::vec(changes(), 0..150),
        during in proptest::collection::vec(changes(), 0..100),
        patience in 1..40usize,
    ) {
        let shards = Shards::new(4, SEED, None);
        first.iter().for_each(|change| apply(&shards, change));
        let (before, seen, complete) = cut(&shards, during, patience);
        prop_assert!(complete || seen.len() < before.len() || seen == before);
        let (before, seen, complete) = cut(&shards, Vec::new(), usize::MAX);
        prop_assert!(complete);
        prop_assert_eq!(before, seen);
    }
}

#[test]
fn abandoned_cuts_leave_no_trace() {
    let shards = Shards::new(4, SEED, None);
    (0..40).for_each(|key| apply(&shards, &Change::Put(1, key, b"v".to_vec())));
    let ids: Vec<_> = shards.ids().collect();
    // One less than there are epochs: the next one has the epoch of the first.
    for _ in 0..255 {
        let walk = Walk::of(&mut shards.acquire(&ids));
        let handover = walk.handover().clone();
        apply(&shards, &Change::Put(1, 3, b"w".to_vec()));
        walk.abandon(&shards);
        apply(&shards, &Change::Put(1, 4, b"w".to_vec()));
        assert_eq!(handover.entries(), 1, "nothing is handed over when a cut is over");
    }
    let (before, seen, complete) = cut(&shards, Vec::new(), usize::MAX);
    assert!(complete);
    assert_eq!(before, seen);
}

#[test]
fn what_nobody_changes_is_never_handed_over() {
    let shards = Shards::new(4, SEED, None);
    (0..40).for_each(|key| apply(&shards, &Change::Put(0, key, b"v".to_vec())));
    let ids: Vec<_> = shards.ids().collect();
    let walk = Walk::of(&mut shards.acquire(&ids));
    let handover = walk.handover().clone();
    apply(&shards, &Change::Put(0, 3, b"w".to_vec()));
    apply(&shards, &Change::Put(0, 3, b"x".to_vec()));
    apply(&shards, &Change::Put(0, 90, b"new".to_vec()));
    assert_eq!(handover.entries(), 1, "only the first change of an entry counts");
    let mut recorder =
        Recorder { shards: &shards, seen: State::new(), changes: vec![].into_iter(), patience: usize::MAX };
    assert!(walk.run(&shards, &mut recorder));
    assert_eq!(recorder.seen.len(), 40);
    assert_eq!(recorder.seen[&(0, b"key:3".to_vec())].1, [b"v".to_vec()]);
}
