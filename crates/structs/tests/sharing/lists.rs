//! Long lists, and lists of large values.

use redstart_structs::deque::{Deque, Limits, Side};
use redstart_structs::packed::End;

const VALUES: usize = 200_000;

fn limits() -> Limits {
    Limits::default()
}

fn push(list: &mut Deque, end: End) {
    list.push(end, b"a new value", &limits());
}

#[test]
fn a_list_is_shared() {
    let mut list = Deque::new();
    for number in 0..VALUES {
        list.push(End::Back, format!("a value of some length, number {number}").as_bytes(), &limits());
    }
    assert!(list.memory_bytes() > 4 << 20, "it is large: {} bytes", list.memory_bytes());
    super::check(
        &mut list,
        &[
            ("push at the front", |list| push(list, End::Front)),
            ("push at the back", |list| push(list, End::Back)),
            ("pop at the front", |list| {
                list.pop(End::Front, &limits(), |_| ());
            }),
            ("pop at the back", |list| {
                list.pop(End::Back, &limits(), |_| ());
            }),
            ("set", |list| {
                list.set(VALUES / 2, b"another value", &limits());
            }),
            ("insert", |list| {
                list.insert_at(VALUES / 3, Side::Before, b"another value", &limits());
            }),
            ("insert after a value", |list| {
                list.insert(Side::After, b"a value of some length, number 70000", b"another", &limits());
            }),
            ("remove a range", |list| {
                list.remove_range(VALUES / 4, VALUES / 4, &limits());
            }),
            ("remove a value", |list| {
                list.remove_matching(b"a value of some length, number 25000", 0, &limits());
            }),
            ("trim", |list| list.keep_range(10_000, 50_000, &limits())),
        ],
    );
}

/// A large value is replaced or removed without a copy.
#[test]
fn large_values_are_shared() {
    let mut list = Deque::new();
    for _ in 0..10 {
        list.push(End::Back, &vec![b'v'; 1 << 20], &limits());
    }
    super::check(
        &mut list,
        &[
            ("push", |list| push(list, End::Back)),
            ("set", |list| {
                list.set(4, b"short", &limits());
            }),
            ("remove", |list| {
                list.remove_range(2, 3, &limits());
            }),
            ("pop", |list| {
                list.pop(End::Front, &limits(), |_| ());
            }),
        ],
    );
}
