//! LATENCY HISTOGRAM: cumulative counts at powers of two.

use crate::admin::Admin;
use crate::engine::Engine;
use crate::registry::Registered;
use command::{Args, Done, Reply, Result, Seq};
use hdrhistogram::Histogram;

/// The first bound, nanoseconds; each further one is twice the one before.
const FIRST_BOUND_NS: u64 = 1024;
/// The last bound that is reported, nanoseconds.
const LAST_BOUND_NS: u64 = (1 << 30) - 1;

pub(super) fn histogram(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let engine = admin.engine;
    let asked: Vec<&Registered> = if args.is_empty() {
        engine.registry.all().iter().collect()
    } else {
        args.rest().flat_map(|name| named(engine, name)).collect()
    };
    let measured: Vec<(&Registered, Histogram<u64>)> =
        asked.into_iter().filter_map(|command| Some((command, engine.latency_of(command.id)?))).collect();
    let mut commands = reply.map(measured.len());
    for (command, histogram) in &measured {
        commands.bulk(command.full_name.as_bytes());
        write(&mut commands, histogram);
    }
    Ok(commands.done())
}

/// A command, all subcommands of a container, or one subcommand (`config|get`).
fn named<'e>(engine: &'e Engine, name: &[u8]) -> Vec<&'e Registered> {
    let registry = &engine.registry;
    let mut words = name.splitn(2, |byte| *byte == b'|');
    let Some(command) = words.next().and_then(|word| registry.find(word)) else { return Vec::new() };
    match words.next() {
        Some(sub) => registry.find_sub(command, sub).into_iter().collect(),
        None if command.subcommands.is_empty() => vec![command],
        None => command.subcommands(registry).collect(),
    }
}

fn write(commands: &mut Seq<'_>, histogram: &Histogram<u64>) {
    let buckets = cumulative(histogram);
    let mut parts = commands.map(2);
    parts.bulk(b"calls");
    parts.int(histogram.len() as i64);
    parts.bulk(b"histogram_usec");
    let mut pairs = parts.map(buckets.len());
    for (bound_us, count) in buckets {
        pairs.int(bound_us as i64);
        pairs.int(count as i64);
    }
}

/// Bounds in microseconds with the number of times up to them; bounds that add nothing are left out.
fn cumulative(histogram: &Histogram<u64>) -> Vec<(u64, u64)> {
    let (mut buckets, mut counted, mut bound_ns) = (Vec::new(), 0, FIRST_BOUND_NS);
    while counted < histogram.len() {
        // Times are known to two digits: all that can't be told from the bound are within it.
        let up_to_ns = histogram.highest_equivalent(bound_ns);
        let count = histogram.count_between(0, up_to_ns);
        if count > counted {
            buckets.push((up_to_ns.min(LAST_BOUND_NS) / 1000, count));
            counted = count;
        }
        bound_ns *= 2;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::new_histogram;

    #[test]
    fn bounds_are_those_of_redis() {
        let mut histogram = new_histogram();
        for us in [1, 1, 90, 200, 500, 2000, 500_000, 999_999] {
            histogram.record(us * 1000).unwrap();
        }
        let expected = [(1, 2), (132, 3), (264, 4), (528, 5), (2113, 6), (541_065, 7), (1_073_741, 8)];
        assert_eq!(cumulative(&histogram), expected);
        assert_eq!(cumulative(&new_histogram()), []);
    }
}
