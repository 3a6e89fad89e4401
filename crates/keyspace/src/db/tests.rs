//! A database against a map of plain values.

use super::*;
use crate::frozen::Frozen;
use crate::item::Str;
use proptest::prelude::*;
use std::collections::HashMap;
use structs::deque::{Deque, Limits};
use structs::packed::End;

const SEED: u64 = 7;
const ACCESS: u32 = 0x00AB_CDEF;

/// A value as the model holds it.
#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
}

/// A key as the model holds it.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    value: Plain,
    expiry_ms: Option<i64>,
}

type Model = HashMap<Vec<u8>, Held>;

#[derive(Clone, Debug)]
enum Step {
    PutString(usize, Vec<u8>, Expiry),
    PutInt(usize, i64, Expiry),
    PutList(usize, Vec<Vec<u8>>, Expiry),
    Push(usize, Vec<u8>),
    Edit(usize, usize, u8),
    SetExpiry(usize, Option<i64>),
    Remove(usize),
    Rename(usize, usize),
    Copy(usize, usize),
    Freeze(usize),
    Thaw(usize),
}

/// Keys whose lengths lie around the borders of the header's forms.
fn key(number: usize) -> Vec<u8> {
    const LENGTHS: [usize; 8] = [1, 2, 7, 16, 40, 255, 256, 300];
    let mut key = vec![b'a' + (number / LENGTHS.len()) as u8; LENGTHS[number % LENGTHS.len()]];
    key[0] = number as u8;
    key
}

/// Keys that the tests use: enough for several buckets and chains.
const KEYS: usize = 64;

fn text() -> impl Strategy<Value = Vec<u8>> {
    let borders = prop_oneof![
        0..60usize,
        Just(EMBEDDED_MAX),
        Just(EMBEDDED_MAX + 1),
        254..258usize,
        INLINE_MAX - 1..INLINE_MAX + 2,
        Just(9_000usize),
        Just(150_000usize),
    ];
    prop_oneof![
        (borders, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
        any::<i64>().prop_map(|n| n.to_string().into_bytes()),
    ]
}

fn expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![Just(Expiry::Never), Just(Expiry::Keep), (-5..50i64).prop_map(Expiry::At)]
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS;
    let items = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..5);
    prop_oneof![
        4 => (key.clone(), text(), expiry()).prop_map(|(k, v, e)| Step::PutString(k, v, e)),
        1 => (key.clone(), any::<i64>(), expiry()).prop_map(|(k, n, e)| Step::PutInt(k, n, e)),
        1 => (key.clone(), items, expiry()).prop_map(|(k, v, e)| Step::PutList(k, v, e)),
        1 => (key.clone(), proptest::collection::vec(any::<u8>(), 0..90)).prop_map(|(k, v)| Step::Push(k, v)),
        2 => (key.clone(), 0..9_000usize, any::<u8>()).prop_map(|(k, len, b)| Step::Edit(k, len, b)),
        1 => (key.clone(), 100_000..300_000usize, any::<u8>()).prop_map(|(k, len, b)| Step::Edit(k, len, b)),
        2 => (key.clone(), proptest::option::of(-5..50i64)).prop_map(|(k, at)| Step::SetExpiry(k, at)),
        2 => key.clone().prop_map(Step::Remove),
        1 => (key.clone(), key.clone()).prop_map(|(a, b)| Step::Rename(a, b)),
        1 => (key.clone(), key.clone()).prop_map(|(a, b)| Step::Copy(a, b)),
        2 => key.prop_map(Step::Freeze),
        1 => any::<usize>().prop_map(Step::Thaw),
    ]
}

fn deque(items: &[Vec<u8>]) -> Deque {
    let mut list = Deque::default();
    items.iter().for_each(|item| list.push(End::Back, item, &Limits::default()));
    list
}

fn plain(item: &Item<'_>) -> Plain {
    if let Some(text) = item.string() {
        return Plain::Text(text.to_vec());
    }
    let list = item.object::<Deque>().expect("strings and lists only");
    Plain::List(list.iter().map(|item| item.to_vec()).collect())
}

fn plain_frozen(frozen: &Frozen) -> Plain {
    match frozen {
        Frozen::Int(n) => Plain::Text(n.to_string().into_bytes()),
        Frozen::Bytes(bytes) => Plain::Text(bytes.clone()),
        Frozen::Blob(blob) => {
            let mut bytes = vec![0; blob.len()];
            assert_eq!(blob.read(0, &mut bytes), blob.len());
            Plain::Text(bytes)
        }
        Frozen::Object(object) => {
            let list = object.typed::<Deque>().expect("lists only");
            Plain::List(list.iter().map(|item| item.to_vec()).collect())
        }
    }
}

/// The database and its model, changed together.
struct Pair {
    db: Db,
    model: Model,
    /// Frozen values with what they have to show.
    frozen: Vec<(Frozen, Plain)>,
}

impl Pair {
    fn new() -> Pair {
        Pair { db: Db::new(SEED), model: Model::new(), frozen: Vec::new() }
    }

    fn expect(&mut self, key: Vec<u8>, value: Plain, expiry: Expiry) {
        let expiry_ms = match expiry {
            Expiry::Never => None,
            Expiry::Keep => self.model.get(&key).and_then(|held| held.expiry_ms),
            Expiry::At(at) => Some(at),
        };
        self.model.insert(key, Held { value, expiry_ms });
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::PutString(k, bytes, expiry) => {
                let name = key(k);
                let id = Key::new(&name, SEED);
                let place = self.db.find(&id);
                let (place, _) = self.db.put_string(&id, place, &bytes, expiry, ACCESS);
                assert_eq!(self.db.item(place).key(), name, "the place is the key's");
                self.expect(name, Plain::Text(bytes), expiry);
            }
            Step::PutInt(k, n, expiry) => {
                let name = key(k);
                let id = Key::new(&name, SEED);
                let place = self.db.find(&id);
                let (place, _) = self.db.put_int(&id, place, n, expiry, ACCESS);
                assert_eq!(self.db.item(place).string(), Some(Str::Int(n)));
                self.expect(name, Plain::Text(n.to_string().into_bytes()), expiry);
            }
            Step::PutList(k, items, expiry) => {
                let name = key(k);
                let id = Key::new(&name, SEED);
                let place = self.db.find(&id);
                self.db.put_object(&id, place, ObjectBox::new(deque(&items)), expiry, ACCESS);
                self.expect(name, Plain::List(items), expiry);
            }
            Step::Push(k, item) => self.push(k, &item),
            Step::Edit(k, len, byte) => self.edit(k, len, byte),
            Step::SetExpiry(k, at) => {
                let name = key(k);
                let Some(place) = self.db.find(&Key::new(&name, SEED)) else { return };
                self.db.set_expiry(place, at);
                assert_eq!(self.db.item(place).key(), name, "the place stays valid");
                self.model.get_mut(&name).expect("found").expiry_ms = at;
            }
            Step::Remove(k) => {
                let name = key(k);
                let id = Key::new(&name, SEED);
                let Some(place) = self.db.find(&id) else { return };
                drop(self.db.remove(&id, place));
                self.model.remove(&name).expect("found");
            }
            Step::Rename(from, to) => {
                if let Some((held, value)) = self.take(from) {
                    self.put_value(to, value, held);
                }
            }
            Step::Copy(from, to) => {
                let name = key(from);
                let Some(place) = self.db.find(&Key::new(&name, SEED)) else { return };
                let copy = self.db.item(place).copy_value();
                let held = self.model[&name].clone();
                self.put_value(to, copy, held);
            }
            Step::Freeze(k) => {
                let name = key(k);
                let Some(place) = self.db.find(&Key::new(&name, SEED)) else { return };
                self.frozen.push((self.db.item(place).freeze(), self.model[&name].value.clone()));
            }
            Step::Thaw(which) if !self.frozen.is_empty() => {
                let which = which % self.frozen.len();
                let (frozen, value) = self.frozen.swap_remove(which);
                assert_eq!(plain_frozen(&frozen), value);
            }
            Step::Thaw(_) => {}
        }
    }

    fn push(&mut self, k: usize, item: &[u8]) {
        let name = key(k);
        let Some(place) = self.db.find(&Key::new(&name, SEED)) else { return };
        let push = |list: &mut Deque| list.push(End::Back, item, &Limits::default());
        if !self.db.change(&Key::new(&name, SEED), place, push) {
            return;
        }
        let Some(Held { value: Plain::List(items), .. }) = self.model.get_mut(&name) else { unreachable!() };
        items.push(item.to_vec());
    }

    fn edit(&mut self, k: usize, len: usize, byte: u8) {
        let name = key(k);
        let Some(place) = self.db.find(&Key::new(&name, SEED)) else { return };
        if self.db.item(place).string().is_none() {
            return;
        }
        let bytes = self.db.edit_string(place, len, len / 2..len);
        assert_eq!(bytes.len(), len - len / 2);
        bytes.fill(byte);
        let item = self.db.item(place);
        assert_eq!((item.key(), item.encoding_name()), (&*name, "raw"), "the place stays valid");
        let Some(Held { value: Plain::Text(text), .. }) = self.model.get_mut(&name) else { unreachable!() };
        text.resize(len, 0);
        text.iter_mut().skip(len / 2).for_each(|b| *b = byte);
    }

    fn take(&mut self, k: usize) -> Option<(Held, Value)> {
        let name = key(k);
        let id = Key::new(&name, SEED);
        let place = self.db.find(&id)?;
        let (value, expiry_ms) = self.db.take(&id, place);
        let held = self.model.remove(&name).expect("found");
        assert_eq!(expiry_ms, held.expiry_ms);
        Some((held, value))
    }

    fn put_value(&mut self, k: usize, value: Value, held: Held) {
        let name = key(k);
        let id = Key::new(&name, SEED);
        let place = self.db.find(&id);
        let expiry = held.expiry_ms.map_or(Expiry::Never, Expiry::At);
        self.db.put_value(&id, place, value, expiry, ACCESS);
        self.model.insert(name, held);
    }

    /// Contents, expiry index and account agree with the model.
    fn check(&self) {
        assert_eq!(self.db.len(), self.model.len());
        for (name, held) in &self.model {
            let place = self.db.find(&Key::new(name, SEED)).expect("in the model");
            let item = self.db.item(place);
            assert_eq!(
                (item.key(), plain(&item), item.expiry_ms()),
                (&**name, held.value.clone(), held.expiry_ms)
            );
            assert_eq!(item.access(), ACCESS);
        }
        let mut times: Vec<i64> = self.model.values().filter_map(|held| held.expiry_ms).collect();
        times.sort_unstable();
        let indexed: Vec<i64> = self.db.expiries.iter().map(|(at, _)| *at).collect();
        assert_eq!(indexed, times);
        assert_eq!(self.db.first_expiry_ms(), times.first().copied());
        let due: Vec<&[u8]> = self.db.due(25).collect();
        assert_eq!(due.len(), times.iter().filter(|at| **at < 25).count());
        assert!(due.iter().all(|name| self.model[*name].expiry_ms.is_some_and(|at| at < 25)));
        let mut bytes = 0;
        self.db.for_each(|item| bytes += item.memory_bytes());
        assert_eq!(self.db.value_bytes(), bytes);
        assert!(self.frozen.iter().all(|(frozen, value)| plain_frozen(frozen) == *value));
    }
}

/// Cases per property: few under an interpreter that checks every memory access.
const CASES: u32 = if cfg!(miri) { 4 } else { 128 };
/// Steps per case at most.
const STEPS: usize = if cfg!(miri) { 80 } else { 400 };

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_map(steps in proptest::collection::vec(step(), 0..STEPS)) {
        let mut pair = Pair::new();
        for (n, step) in steps.into_iter().enumerate() {
            pair.run(step);
            if n % 16 == 0 {
                pair.check();
            }
        }
        pair.check();
    }

    #[test]
    fn a_scan_sees_every_key_that_stays(
        stays in proptest::collection::hash_set(0..KEYS, 0..KEYS),
        churn in proptest::collection::vec((KEYS..KEYS + 100, any::<bool>()), 0..300),
    ) {
        let mut db = Db::new(SEED);
        let put = |db: &mut Db, k: usize| {
            let name = k.to_le_bytes();
            let id = Key::new(&name, SEED);
            let place = db.find(&id);
            db.put_string(&id, place, b"v", Expiry::Never, ACCESS);
        };
        stays.iter().for_each(|k| put(&mut db, *k));
        let (mut churn, mut seen, mut cursor) = (churn.into_iter(), std::collections::HashSet::new(), 0);
        loop {
            cursor = db.scan(cursor, |item| { seen.insert(item.key().to_vec()); });
            if cursor == 0 {
                break;
            }
            for (k, add) in churn.by_ref().take(7) {
                let name = k.to_le_bytes();
                let id = Key::new(&name, SEED);
                match db.find(&id) {
                    _ if add => put(&mut db, k),
                    Some(place) => drop(db.remove(&id, place)),
                    None => {}
                }
            }
        }
        prop_assert!(stays.iter().all(|k| seen.contains(k.to_le_bytes().as_slice())));
    }
}

/// What OBJECT ENCODING tells of a string that is stored whole.
#[test]
fn encodings_follow_from_the_text() {
    let cases: [(&[u8], &str); 12] = [
        (b"0", "int"),
        (b"-1", "int"),
        (b"9223372036854775807", "int"),
        (b"-9223372036854775808", "int"),
        (b"9223372036854775808", "embstr"),
        (b"01", "embstr"),
        (b"+1", "embstr"),
        (b"-0", "embstr"),
        (b"", "embstr"),
        (&[b'x'; 44], "embstr"),
        (&[b'x'; 45], "raw"),
        (&[b'1'; 5000], "raw"),
    ];
    for (text, encoding) in cases {
        let mut db = Db::new(SEED);
        let (place, _) = db.put_string(&Key::new(b"k", SEED), None, text, Expiry::Never, 0);
        assert_eq!(db.item(place).encoding_name(), encoding, "{}", text.escape_ascii());
        assert_eq!(db.item(place).string().map(|s| s.to_vec()).as_deref(), Some(text));
    }
}

#[test]
fn a_value_of_the_same_size_is_stored_in_place() {
    let mut db = Db::new(SEED);
    let key = Key::new(b"counter", SEED);
    let (place, _) = db.put_int(&key, None, 1, Expiry::At(5), 0);
    let address = db.item(place).key().as_ptr();
    for n in 2..100 {
        let (place, removed) = db.put_int(&key, Some(place), n, Expiry::Keep, 0);
        assert!(removed.is_none() && db.item(place).key().as_ptr() == address);
    }
    assert_eq!(db.item(place).expiry_ms(), Some(5));
}

#[test]
fn a_string_appended_to_is_seldom_copied() {
    let mut db = Db::new(SEED);
    let key = Key::new(b"log", SEED);
    let (place, _) = db.put_string(&key, None, &[b'x'; INLINE_MAX + 1], Expiry::Never, 0);
    let mut moves = 0;
    let end = if cfg!(miri) { 8_000 } else { 200_000 };
    for len in INLINE_MAX + 2..end {
        let before = db.item(place).memory_bytes();
        db.edit_string(place, len, len - 1..len);
        moves += usize::from(db.item(place).memory_bytes() != before);
    }
    assert!(moves < 8, "{moves}");
    assert_eq!(db.value_bytes(), db.item(place).memory_bytes());
}

/// An integer's entry is as large as that of any object.
#[test]
fn a_set_that_replaces_an_integer_is_in_the_index_of_expiring_elements() {
    use structs::fields::{Limits, MemberSet};
    let (mut db, key) = (Db::new(SEED), Key::new(b"key", SEED));
    let (place, _) = db.put_int(&key, None, 5, Expiry::Never, 0);
    let mut set = MemberSet::new();
    set.insert(b"member", &Limits::default());
    set.set_expiry(b"member", Some(5), &Limits::default());
    db.put_typed(&key, Some(place), set, Expiry::Never, 0);
    assert_eq!(db.first_element_expiry_ms(), Some(5));
}
