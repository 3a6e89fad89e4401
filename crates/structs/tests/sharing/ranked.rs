//! Large sorted sets.

use crate::counter::bytes_held;
use base::prng::Prng;
use redstart_structs::ranked::{Limits, Ranked};

const MEMBERS: u64 = 100_000;

fn limits() -> Limits {
    Limits::default()
}

fn member(number: u64) -> String {
    format!("member:{number:012}")
}

fn filled(mut score: impl FnMut(u64) -> f64) -> Ranked {
    let mut set = Ranked::new();
    for number in 0..MEMBERS {
        set.insert(member(number).as_bytes(), score(number), &limits());
    }
    set
}

#[test]
fn a_sorted_set_is_shared() {
    let mut set = filled(|number| (number * 7919 % MEMBERS) as f64);
    super::check(
        &mut set,
        &[
            ("add a member", |set| {
                set.insert(b"another", 500.5, &limits());
            }),
            ("change a score", |set| {
                set.insert(member(7).as_bytes(), 99_999.5, &limits());
            }),
            ("remove a member", |set| {
                set.remove(member(8).as_bytes());
            }),
            ("remove the first", |set| {
                set.remove_range(0..1);
            }),
        ],
    );
}

/// What a set says of its memory is within a tenth of what it takes.
#[test]
fn memory_is_told_as_it_is() {
    let mut prng = Prng::new(1);
    let cases = [
        ("in order", bytes_held(|| filled(|number| number as f64))),
        ("from the end", bytes_held(|| filled(|number| -(number as f64)))),
        ("anywhere", bytes_held(|| filled(|_| prng.below(1 << 50) as f64))),
        ("of one score", bytes_held(|| filled(|_| 1.0))),
    ];
    for (how, (mut set, held)) in cases {
        assert_near(how, &set, held);
        let ((), freed) = bytes_held(|| {
            set.remove_range(0..MEMBERS as usize / 2);
        });
        assert_near(how, &set, held.wrapping_add(freed));
    }
}

fn assert_near(how: &str, set: &Ranked, held: usize) {
    let said = set.memory_bytes();
    let near = held * 9 / 10..=held * 11 / 10;
    assert!(near.contains(&said), "{how}: {} members say {said} bytes and hold {held}", set.len());
}
