//! INFO keysizes: how many keys of each type have how many elements, or bytes, in powers of two.
//!
//! Counted when asked for, by a walk over all keys, shard after shard. Redis keeps the counts with each change; here nobody
//! pays who doesn't ask.

use super::{Page, view::View};
use command::Shard;
use keyspace::{DbIndex, Item, Kind};
use std::collections::BTreeMap;
use structs::deque::Deque;
use structs::ranked::Ranked;

/// The types in the order of their rows, with the names of these. Streams and arrays are not counted.
const ROWS: [(Kind, &str); 5] = [
    (Kind::String, "strings_sizes"),
    (Kind::List, "lists_items"),
    (Kind::Set, "sets_items"),
    (Kind::SortedSet, "zsets_items"),
    (Kind::Hash, "hashes_items"),
];

/// Number of keys by the lower bound of their size: 0, or the greatest power of two that isn't above it.
type Histogram = BTreeMap<usize, u64>;

/// The histograms of one database, in the order of [`ROWS`].
type Histograms = [Histogram; ROWS.len()];

/// Writes a row for each database and type that has keys.
pub(super) fn histograms(view: &View<'_, '_>, page: &mut Page) {
    let mut dbs: BTreeMap<DbIndex, Histograms> = BTreeMap::new();
    view.visit_shards(|shard| count(shard, &mut dbs));
    for (index, histograms) in &dbs {
        for ((_, name), histogram) in
            ROWS.iter().zip(histograms).filter(|(_, histogram)| !histogram.is_empty())
        {
            let bins = histogram.iter().map(|(bound, keys)| format!("{}={keys}", label(*bound)));
            page.row(&format!("db{index}_distrib_{name}"), &bins.collect::<Vec<_>>().join(","));
        }
    }
}

fn count(shard: &Shard, dbs: &mut BTreeMap<DbIndex, Histograms>) {
    for (index, db) in shard.dbs().filter(|(_, db)| !db.is_empty()) {
        let histograms = dbs.entry(index).or_default();
        db.for_each(|item| {
            let Some(row) = ROWS.iter().position(|(kind, _)| *kind == item.kind()) else { return };
            *histograms[row].entry(lower_bound(size(&item))).or_default() += 1;
        });
    }
}

/// Bytes of a string, elements of anything else.
fn size(item: &Item<'_>) -> usize {
    let size = match item.kind() {
        Kind::String => item.string().map(|text| text.text_len()),
        Kind::List => item.object::<Deque>().map(|list| list.len()),
        Kind::Set => item.members().map(|members| members.len()),
        Kind::SortedSet => item.object::<Ranked>().map(|set| set.len()),
        Kind::Hash => item.fields().map(|fields| fields.len()),
        Kind::Stream | Kind::Array => None,
    };
    size.unwrap_or(0)
}

fn lower_bound(size: usize) -> usize {
    size.checked_ilog2().map_or(0, |exponent| 1 << exponent)
}

/// A power of two, or 0, for people: `512`, `1K`, `4M`.
fn label(bound: usize) -> String {
    const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];
    let exponent = bound.checked_ilog2().unwrap_or(0) as usize;
    format!("{}{}", bound >> (exponent / 10 * 10), UNITS[exponent / 10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_powers_of_two() {
        let bins = [0, 1, 3, 1023, 1024, 2047, 1 << 20, 5 << 30, 1 << 63];
        let labels = bins.map(|size| label(lower_bound(size)));
        assert_eq!(labels, ["0", "1", "2", "512", "1K", "1K", "1M", "4G", "8E"]);
    }
}
