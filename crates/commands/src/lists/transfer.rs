//! Moving elements from one list to another, or within one: what LMOVE, LMOVEM and their kin have in common.

use super::{popped, pushed};
use command::{Cx, Result};
use structs::deque::{Deque, Limits};
use structs::packed::{End, Packed};

/// From where to where.
#[derive(Clone, Copy)]
pub(super) struct Route<'k> {
    pub(super) source: &'k [u8],
    pub(super) destination: &'k [u8],
    /// The end of the source that elements leave.
    pub(super) from: End,
    /// The end of the destination that they join.
    pub(super) to: End,
}

/// How many elements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// So many, or all if there are fewer.
    UpTo(usize),
    /// So many or none.
    Exactly(usize),
}

impl Amount {
    /// The shortest list of which something can be moved.
    pub(super) fn least(self) -> usize {
        match self {
            Amount::UpTo(_) => 1,
            Amount::Exactly(count) => count,
        }
    }

    fn of(self, len: usize) -> usize {
        match self {
            Amount::UpTo(count) | Amount::Exactly(count) => count.min(len),
        }
    }
}

/// In which order the elements arrive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As if each were moved alone.
    OneByOne,
    /// As in the source.
    Bulk,
}

/// Moves elements. Answers them in the order in which they stand in the destination now, or nothing if the source has
/// too few. Either everything happens or nothing.
///
/// # Errors
/// Either key holds something else than a list; the destination is looked at only if the source exists.
pub(super) fn transfer(
    cx: &mut Cx<'_>,
    route: Route<'_>,
    amount: Amount,
    order: Order,
) -> Result<Option<Packed>> {
    let limits = &cx.limits.list;
    let Some(source) = cx.look_object::<Deque>(route.source)? else { return Ok(None) };
    if source.len() < amount.least() {
        cx.look_object::<Deque>(route.destination)?;
        return Ok(None);
    }
    let block = copy_block(&source, route, amount.of(source.len()), order);
    if route.source == route.destination {
        let Some(mut list) = cx.slot(route.source).open::<Deque>()? else { return Ok(None) };
        // What is left meanwhile may be small; how a list is encoded is decided when it is whole again.
        let start = first_of(&list, route.from, block.count());
        list.detach_range(start, block.count());
        join(&mut list, route.to, &block, limits);
        list.shrink(limits);
        list.changed_by(0, pushed(route.to));
        list.changed_by(block.count(), popped(route.from));
        return Ok(Some(block));
    }
    let mut destination = cx.slot(route.destination).open_or_insert(Deque::new)?;
    join(&mut destination, route.to, &block, limits);
    destination.changed_by(0, pushed(route.to));
    drop(destination);
    if let Some(mut source) = cx.slot(route.source).open::<Deque>()? {
        let start = first_of(&source, route.from, block.count());
        source.remove_range(start, block.count(), limits);
        source.changed_by(block.count(), popped(route.from));
    }
    Ok(Some(block))
}

/// The elements to be moved, in the order in which they will stand in the destination.
fn copy_block(source: &Deque, route: Route<'_>, count: usize, order: Order) -> Packed {
    let mut block = Packed::new();
    let end = match order {
        Order::OneByOne => route.to,
        Order::Bulk => opposite(route.from),
    };
    let mut add = |item: structs::packed::Item<'_>| item.with_text(|value| block.push(end, value));
    match route.from {
        End::Front => source.iter().take(count).for_each(&mut add),
        End::Back => source.iter_back().take(count).for_each(&mut add),
    }
    block
}

/// The index of the first of `count` elements at an end.
fn first_of(list: &Deque, end: End, count: usize) -> usize {
    match end {
        End::Front => 0,
        End::Back => list.len() - count,
    }
}

/// Adds a block at an end, its order kept.
fn join(list: &mut Deque, end: End, block: &Packed, limits: &Limits) {
    let mut add = |item: structs::packed::Item<'_>| item.with_text(|value| list.push(end, value, limits));
    match end {
        End::Front => block.iter_back().for_each(&mut add),
        End::Back => block.iter().for_each(&mut add),
    }
}

fn opposite(end: End) -> End {
    match end {
        End::Front => End::Back,
        End::Back => End::Front,
    }
}
