//! AROP: one number out of the values of a range.

use super::index::Range;
use super::read;
use base::num::F64Buffer;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use std::ops::ControlFlow;
use structs::array::{Cell, SparseArray};

/// AROP
pub(super) const AROP: Command<Handler> = Command::new(
    Spec {
        name: "arop",
        group: Group::Array,
        since: "8.8.0",
        summary: "Sum, least or greatest of the numbers in a range of an array, their bits combined, or how many values there \
                  are, or are equal to one.",
        complexity: "O(log N+M), N being the number of values and M those in the range",
        syntax: "AROP key start end <SUM | MIN | MAX | AND | OR | XOR | {MATCH:match value}:match | USED>:operation",
        arity: -5,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET load 0 10 1 20.5 7 none
(integer) 3
> AROP load 0 9 SUM
\"30.5\"
> AROP load 0 9 OR
(integer) 30
> AROP load 0 9 USED
(integer) 3
> AROP load 2 9 MAX
(nil)",
        ..Spec::DEFAULT
    },
    arop,
);

fn arop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, range) = (args.key()?, Range::read(args)?);
    let operation = Operation::read(args)?;
    args.end()?;
    let array = read(cx, key)?;
    Ok(match operation {
        Operation::OfNumbers(combine) => match fold(&array, range, |cell| cell.to_double(), combine) {
            Some(result) => reply.bulk(F64Buffer::new().format(result)),
            None => reply.null(),
        },
        Operation::OfBits(combine) => match fold(&array, range, integer, combine) {
            Some(result) => reply.int(result),
            None => reply.null(),
        },
        Operation::Match(value) => reply.unsigned(count_equal(&array, range, value)),
        Operation::Used => reply.unsigned(range.count(&array)),
    })
}

/// What is made of the values.
enum Operation<'a> {
    /// Two numbers make one; values that aren't numbers don't count.
    OfNumbers(fn(f64, f64) -> f64),
    /// Likewise two integers, fractions being cut off.
    OfBits(fn(i64, i64) -> i64),
    /// How many are equal to this one.
    Match(&'a [u8]),
    /// How many there are.
    Used,
}

impl<'a> Operation<'a> {
    fn read(args: &mut Args<'a>) -> Result<Self> {
        let word = args.bytes()?.to_ascii_uppercase();
        Ok(match &word[..] {
            b"SUM" => Operation::OfNumbers(|a, b| a + b),
            b"MIN" => Operation::OfNumbers(f64::min),
            b"MAX" => Operation::OfNumbers(f64::max),
            b"AND" => Operation::OfBits(|a, b| a & b),
            b"OR" => Operation::OfBits(|a, b| a | b),
            b"XOR" => Operation::OfBits(|a, b| a ^ b),
            b"MATCH" => Operation::Match(args.bytes()?),
            b"USED" => Operation::Used,
            _ => return Err(Error::SYNTAX),
        })
    }
}

/// Combines what `number` makes of the cells, from the lowest index on; `None` if it makes nothing of any.
fn fold<N: Copy>(
    array: &SparseArray,
    range: Range,
    number: impl Fn(Cell<'_>) -> Option<N>,
    combine: impl Fn(N, N) -> N,
) -> Option<N> {
    let mut result = None;
    range.ascending().visit(array, |_, cell| {
        if let Some(next) = number(cell) {
            result = Some(result.map_or(next, |before| combine(before, next)));
        }
        ControlFlow::Continue(())
    });
    result
}

/// The integer that a value is, its fraction cut off.
fn integer(cell: Cell<'_>) -> Option<i64> {
    cell.to_integer().or_else(|| cell.to_double().map(|number| number as i64))
}

fn count_equal(array: &SparseArray, range: Range, value: &[u8]) -> u64 {
    let mut count = 0;
    range.visit(array, |_, cell| {
        count += u64::from(cell.with_text(|text| text == value));
        ControlFlow::Continue(())
    });
    count
}
