//! ARRING: an array as a ring of so many cells, the oldest of which is written over.

use super::cursor;
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::array::SparseArray;

/// ARRING
pub(super) const ARRING: Command<Handler> = Command::new(
    Spec {
        name: "arring",
        group: Group::Array,
        since: "8.8.0",
        summary: "Writes values behind the cursor of an array of at most so many cells, from index 0 again behind the last. \
                  Answers the index of the last value.",
        complexity: "O(N), N being the number of values; O(N+M) when the size changes, M being the values that stay",
        syntax: "ARRING key size:integer value [value ...]",
        arity: -4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ARRING load 3 1 4 1
(integer) 2
> ARRING load 3 5
(integer) 0
> ARGETRANGE load 0 2
1) \"5\"
2) \"4\"
3) \"1\"",
        ..Spec::DEFAULT
    },
    arring,
);

/// A ring without cells.
const NOT_POSITIVE: Error = Error::new("ERR size must be positive");

fn arring(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, size) = (args.key()?, args.int_in(1.., NOT_POSITIVE)?.unsigned_abs());
    let values = args.rest();
    let count = values.len();
    let mut array = cx.slot(key).open_or_insert(SparseArray::new)?;
    fit(&mut array, size);
    let mut last = 0;
    for value in values {
        last = cursor::next(&array).unwrap_or(u64::MAX) % size;
        array.set(last, value);
        array.set_cursor(Some(last));
    }
    array.changed_by(count, Event::array("arring"));
    Ok(reply.unsigned(last))
}

/// Makes a ring of another size into one of `size` cells, its values in their order from index 0 on.
///
/// A longer array always is another ring; a shorter one is if the cursor lies within it and has come around.
fn fit(array: &mut SparseArray, size: u64) {
    let old_size = array.end();
    let is_around = array.cursor().is_some_and(|cursor| cursor + 1 < old_size);
    if size < old_size || size > old_size && is_around {
        let kept = newest(array, size.min(old_size));
        *array = SparseArray::new();
        (0..).zip(&kept).for_each(|(index, value)| {
            array.set(index, value);
        });
        array.set_cursor((kept.len() as u64).checked_sub(1));
    }
}

/// At most `count` values behind each other that end at the cursor, or at the end if there is none; oldest first.
fn newest(array: &SparseArray, count: u64) -> Vec<Vec<u8>> {
    let size = array.end();
    let newest = array.cursor().map_or(size - 1, |cursor| cursor % size);
    let back = |steps| if steps <= newest { newest - steps } else { size - (steps - newest) };
    let cells = (0..count).map_while(|steps| array.get(back(steps)));
    let mut values: Vec<Vec<u8>> = cells.map(|cell| cell.with_text(<[u8]>::to_vec)).collect();
    values.reverse();
    values
}
