//! Values in a database, as the encoder takes them.

use keyspace::{Db, Expiry, Item, Key, ObjectBox, Value};
use structs::array::SparseArray;
use structs::deque::{Deque, Limits};
use structs::fields::{self, FieldMap, MemberSet, Ttl};
use structs::packed::End;
use structs::ranked::Ranked;
use structs::stream::{BlockLimits, Group, Pending, Stream, StreamId};

const SEED: u64 = 1;

/// Shows a value to `f` as what the key `key` holds.
pub fn with_item<R>(key: &[u8], value: Value, expiry_ms: Option<i64>, f: impl FnOnce(&Item<'_>) -> R) -> R {
    let mut db = Db::new(SEED);
    let key = Key::new(key, SEED);
    let expiry = expiry_ms.map_or(Expiry::Never, Expiry::At);
    let (place, _) = db.put_value(&key, None, value, expiry, 0);
    f(&db.item(place))
}

/// A string's text, or an object's elements, each as its parts.
pub fn elements_of(item: &Item<'_>) -> Vec<Vec<Vec<u8>>> {
    let mut elements = Vec::new();
    if let Some(text) = item.string() {
        elements.push(vec![text.to_vec()]);
    } else if let Some(object) = item.any_object() {
        object.elements(&mut |parts| elements.push(parts.iter().map(|part| part.to_vec()).collect()));
    }
    elements
}

/// A list of these values in small nodes.
pub fn list(values: &[Vec<u8>]) -> Value {
    let limits = Limits { plain_from: Some(1000), ..Limits::from_fill(5) };
    let mut list = Deque::new();
    values.iter().for_each(|value| list.push(End::Back, value, &limits));
    Value::Object(ObjectBox::new(list))
}

/// A set of these members, every `expiring`-th of which expires.
pub fn set(members: &[Vec<u8>], expiring: usize) -> Value {
    let limits = fields::Limits { ints: 20, rows: 10, text_bytes: 20, seed: SEED };
    let mut set = MemberSet::new();
    for (number, member) in members.iter().enumerate() {
        set.insert(member, &limits);
        if expiring > 0 && number % expiring == 0 {
            set.set_expiry(member, Some(1000 + number as i64), &limits);
        }
    }
    Value::Object(ObjectBox::new(set))
}

/// A sorted set of these members, some with equal scores, every `expiring`-th of which expires; a large one if there are
/// more than a few.
pub fn sorted_set(members: &[Vec<u8>], expiring: usize) -> Value {
    let limits = structs::ranked::Limits { packed_members: 5, ..structs::ranked::Limits::default() };
    let mut set = Ranked::new();
    for (number, member) in members.iter().enumerate() {
        set.insert(member, (number % 7) as f64 / 4.0, &limits);
        if expiring > 0 && number % expiring == 0 {
            set.set_expiry(member, Some(1000 + number as i64));
        }
    }
    Value::Object(ObjectBox::new(set))
}

/// A hash of these fields, every `expiring`-th of which expires. Values are fields in reverse.
pub fn hash(fields: &[Vec<u8>], expiring: usize) -> Value {
    let limits = fields::Limits { ints: 0, rows: 10, text_bytes: 20, seed: SEED };
    let mut hash = FieldMap::new();
    for (number, field) in fields.iter().enumerate() {
        let expires = expiring > 0 && number % expiring == 0;
        let ttl = if expires { Ttl::At(1000 + number as i64) } else { Ttl::Clear };
        let value: Vec<u8> = field.iter().rev().copied().collect();
        hash.set(field, &value, ttl, &limits);
    }
    Value::Object(ObjectBox::new(hash))
}

/// An array of these texts, a step between their indexes, with a cursor if they are many.
pub fn array(texts: &[Vec<u8>], step: u64) -> Value {
    let mut array = SparseArray::new();
    for (number, text) in (0..).zip(texts) {
        array.set(number * step, text);
    }
    array.set_cursor((texts.len() > 10).then_some(u64::MAX - 1 - step));
    Value::Object(ObjectBox::new(array))
}

/// A stream with so many entries in small blocks, and groups that have read them: the first everything, each further
/// one less, every third entry acknowledged and every fourth given back.
pub fn stream(entries: u64, groups: u64) -> Value {
    let limits = BlockLimits { bytes: 0, entries: 7 };
    let mut stream = Stream::new();
    for number in 1..=entries {
        let fields = [(&b"field"[..], &b"value"[..]), (b"other", b"123")];
        let fields = &fields[..1 + usize::from(number % 5 == 0)];
        stream.append(id(number), fields.iter().copied(), &limits).expect("it is small");
    }
    for group in 0..groups {
        let read = entries / (group + 1);
        stream.create_group(format!("group {group}").as_bytes(), self::group(read));
    }
    Value::Object(ObjectBox::new(stream))
}

fn id(number: u64) -> StreamId {
    StreamId::new(1000 + number / 3, number)
}

fn group(read: u64) -> Group {
    let mut group = Group::new(id(read), read as i64);
    for number in 1..=read {
        let (consumer, _) = group.create_consumer(format!("consumer {}", number % 3).as_bytes(), 77);
        let delivered_ms = 5000 + number as i64 / 10;
        let pending = Pending { consumer: Some(consumer), deliveries: number as u32, delivered_ms };
        group.set_pending(id(number), pending);
        if number % 4 == 0 {
            group.release(id(number), 1);
        }
        if number % 3 == 0 {
            group.acknowledge(id(number));
        }
    }
    group
}
