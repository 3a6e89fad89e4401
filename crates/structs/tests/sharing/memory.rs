//! What containers of all sizes say of their memory, next to the blocks that they hold: what MEMORY USAGE tells.

use crate::counter::bytes_held;
use redstart_structs::array::SparseArray;
use redstart_structs::deque::{self, Deque};
use redstart_structs::fields::{self, FieldMap, MemberSet, Ttl};
use redstart_structs::packed::End;
use redstart_structs::ranked::{self, Ranked};

const COUNTS: [usize; 9] = [10, 40, 100, 130, 200, 600, 2_000, 10_000, 100_000];

fn name(number: usize) -> String {
    format!("element-{number:08}")
}

fn hash(count: usize) -> FieldMap {
    let mut hash = FieldMap::new();
    for number in 0..count {
        let field = format!("field:{number:08}");
        hash.set(field.as_bytes(), name(number).as_bytes(), Ttl::Keep, &fields::Limits::default());
    }
    hash
}

fn set(count: usize) -> MemberSet {
    let mut set = MemberSet::new();
    (0..count).for_each(|number| {
        set.insert(name(number).as_bytes(), &fields::Limits::default());
    });
    set
}

fn integers(count: usize) -> MemberSet {
    let mut set = MemberSet::new();
    (0..count).for_each(|number| {
        set.insert(number.to_string().as_bytes(), &fields::Limits::default());
    });
    set
}

fn sorted_set(count: usize) -> Ranked {
    let mut set = Ranked::new();
    (0..count).for_each(|number| {
        set.insert(name(number).as_bytes(), number as f64, &ranked::Limits::default());
    });
    set
}

fn list(count: usize) -> Deque {
    let mut list = Deque::new();
    (0..count).for_each(|number| list.push(End::Back, name(number).as_bytes(), &deque::Limits::default()));
    list
}

fn array(count: usize) -> SparseArray {
    let mut array = SparseArray::new();
    (0..count as u64).for_each(|number| {
        array.set(number, number.to_string().as_bytes());
    });
    array
}

/// Texts at indexes that are far apart and come in no order.
fn sparse_array(count: usize) -> SparseArray {
    let mut array = SparseArray::new();
    for number in 0..count {
        let index = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        array.set(index, name(number).as_bytes());
    }
    array
}

fn array_of_long_texts(count: usize) -> SparseArray {
    let mut array = SparseArray::new();
    (0..count as u64).for_each(|number| {
        array.set(number, &[b'x'; 120]);
    });
    array
}

/// As [`weigh`], of a kind.
type Weigh = fn(usize) -> (usize, usize);

/// Makes a container of so many elements; answers what it says and what it holds.
fn weigh<T>(make: fn(usize) -> T, said: fn(&T) -> usize, count: usize) -> (usize, usize) {
    let (container, held) = bytes_held(|| make(count));
    (said(&container), held)
}

#[test]
fn memory_is_told_as_it_is() {
    let kinds: [(&str, Weigh); 8] = [
        ("hash", |count| weigh(hash, FieldMap::memory_bytes, count)),
        ("set", |count| weigh(set, MemberSet::memory_bytes, count)),
        ("set of integers", |count| weigh(integers, MemberSet::memory_bytes, count)),
        ("sorted set", |count| weigh(sorted_set, Ranked::memory_bytes, count)),
        ("list", |count| weigh(list, Deque::memory_bytes, count)),
        ("array", |count| weigh(array, SparseArray::memory_bytes, count)),
        ("sparse array", |count| weigh(sparse_array, SparseArray::memory_bytes, count)),
        ("array of long texts", |count| weigh(array_of_long_texts, SparseArray::memory_bytes, count)),
    ];
    let mut wrong = Vec::new();
    for (kind, weigh) in kinds {
        for count in COUNTS {
            let (said, held) = weigh(count);
            if !(held * 9 / 10..=held * 11 / 10).contains(&said) {
                wrong.push(format!("{kind} of {count}: says {said} bytes, holds {held}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
