//! ARINFO: how an array is made.

use super::cursor;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Seq, Spec};
use structs::array::SparseArray;

/// ARINFO
pub(super) const ARINFO: Command<Handler> = Command::new(
    Spec {
        name: "arinfo",
        group: Group::Array,
        since: "8.8.0",
        summary: "How long an array is, how many values it has, and how they are stored.",
        complexity: "O(1); with FULL O(N), N being the number of slices",
        syntax: "ARINFO key [FULL]",
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARSET days 1 mon tue
(integer) 2
> ARINFO days
 1) \"count\"
 2) (integer) 2
 3) \"len\"
 4) (integer) 3
 5) \"next-insert-index\"
 6) (integer) 0
 7) \"slices\"
 8) (integer) 1
 9) \"directory-size\"
10) (integer) 1
11) \"super-dir-entries\"
12) (integer) 0
13) \"slice-size\"
14) (integer) 256",
        ..Spec::DEFAULT
    },
    arinfo,
);

fn arinfo(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let is_full = args.take("FULL");
    args.end()?;
    let array = cx.read_object::<SparseArray>(key)?.ok_or(Error::NO_SUCH_KEY)?;
    let figures = [
        ("count", array.count()),
        ("len", array.end()),
        ("next-insert-index", cursor::next(&array).unwrap_or(0)),
        ("slices", array.slices() as u64),
        ("directory-size", array.nodes() as u64),
        // The directory is a tree, however large it is.
        ("super-dir-entries", 0),
        ("slice-size", SparseArray::SLICE_CELLS as u64),
    ];
    let mut info = reply.map(figures.len() + if is_full { FULL_FIGURES } else { 0 });
    push_all(&mut info, &figures);
    if is_full {
        push_full(&mut info, &array);
    }
    Ok(info.done())
}

fn push_all(info: &mut Seq<'_>, figures: &[(&str, u64)]) {
    for (name, figure) in figures {
        info.bulk(name.as_bytes());
        info.unsigned(*figure);
    }
}

/// What FULL adds.
const FULL_FIGURES: usize = 5;

fn push_full(info: &mut Seq<'_>, array: &SparseArray) {
    let figures = array.figures();
    push_all(info, &[("dense-slices", figures.dense_slices), ("sparse-slices", figures.sparse_slices)]);
    let averages = [
        ("avg-dense-size", figures.dense_room, figures.dense_slices),
        ("avg-dense-fill", figures.dense_cells, figures.dense_room),
        ("avg-sparse-size", figures.sparse_room, figures.sparse_slices),
    ];
    for (name, sum, count) in averages {
        info.bulk(name.as_bytes());
        info.double(if count == 0 { 0.0 } else { sum as f64 / count as f64 });
    }
}
