//! The limits that decide between small and large encodings: set anew in half of the cases.

use crate::generate::Step;
use base::prng::Prng;

/// A setting, its default, and other values that a case may run under.
struct Limit {
    name: &'static str,
    default: &'static str,
    others: &'static [&'static str],
}

const fn limit(name: &'static str, default: &'static str, others: &'static [&'static str]) -> Limit {
    Limit { name, default, others }
}

const LIMITS: [Limit; 12] = [
    limit("list-max-listpack-size", "-2", &["1", "2", "4", "32", "-1", "-5"]),
    limit("list-compress-depth", "0", &["1", "2"]),
    limit("hash-max-listpack-entries", "512", &["0", "1", "2", "4", "16"]),
    limit("hash-max-listpack-value", "64", &["0", "1", "4", "19"]),
    limit("set-max-intset-entries", "512", &["0", "1", "2", "8"]),
    limit("set-max-listpack-entries", "128", &["0", "1", "2", "8"]),
    limit("set-max-listpack-value", "64", &["0", "1", "3"]),
    limit("zset-max-listpack-entries", "128", &["0", "1", "2", "8"]),
    limit("zset-max-listpack-value", "64", &["0", "1", "4"]),
    limit("stream-node-max-entries", "100", &["1", "2", "5"]),
    limit("stream-node-max-bytes", "4096", &["0", "64", "300"]),
    limit("hll-sparse-max-bytes", "3000", &["0", "100", "1000"]),
];

/// The command that sets all limits back.
pub(crate) fn defaults() -> Vec<&'static str> {
    let pairs = LIMITS.iter().flat_map(|limit| [limit.name, limit.default]);
    ["CONFIG", "SET"].into_iter().chain(pairs).collect()
}

/// Commands that set some limits.
pub(crate) fn drawn(prng: &mut Prng) -> Vec<Step> {
    if prng.below(2) == 0 {
        return Vec::new();
    }
    let chosen: Vec<_> = LIMITS.iter().filter(|_| prng.below(2) == 0).collect();
    let set = |limit: &Limit, prng: &mut Prng| {
        let value = limit.others[prng.below(limit.others.len() as u64) as usize];
        Step::new(0, ["CONFIG", "SET", limit.name, value].map(|word| word.as_bytes().to_vec()).to_vec())
    };
    chosen.into_iter().map(|limit| set(limit, prng)).collect()
}
