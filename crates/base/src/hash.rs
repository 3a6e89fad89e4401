//! The hash function of all tables: seeded, 64 bits, good in its high and its low bits.
//!
//! A folded multiply (the two halves of a 128-bit product, xored) of the input and the seed mixes sixteen bytes in
//! a few cycles. The construction is that of wyhash and its successors (Wang Yi, 2019). With a secret seed per
//! process nobody outside can choose keys that collide.

/// Odd constants with as many ones as zeros (the fractional digits of pi), against seeds and inputs that are zero.
const SALTS: [u64; 4] =
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345, 0xa409_3822_299f_31d1, 0x082e_fa98_ec4e_6c89];

/// The hash of `bytes` under `seed`. Linear time, about two nanoseconds for short keys.
#[inline]
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    let len = bytes.len();
    let mut state = seed ^ SALTS[0];
    let (left, right) = if len <= 16 {
        short_words(bytes)
    } else {
        state = absorb(bytes, state);
        (word(bytes, len - 16), word(bytes, len - 8))
    };
    let mixed = fold(left ^ SALTS[1] ^ len as u64, right ^ state);
    fold(mixed ^ SALTS[2], state ^ SALTS[3] ^ len as u64)
}

/// Two words that together contain every byte of at most sixteen.
#[inline]
fn short_words(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    match len {
        8.. => (word(bytes, 0), word(bytes, len - 8)),
        4.. => (half_word(bytes, 0), half_word(bytes, len - 4)),
        1.. => (u64::from(bytes[0]), u64::from(bytes[len / 2]) << 8 | u64::from(bytes[len - 1])),
        0 => (0, 0),
    }
}

/// Mixes all but the last sixteen bytes (or fewer) into the state.
fn absorb(bytes: &[u8], mut state: u64) -> u64 {
    let (chunks, _) = bytes[..bytes.len() - 1].as_chunks::<16>();
    for chunk in chunks {
        state = fold(word(chunk, 0) ^ SALTS[1], word(chunk, 8) ^ state);
    }
    state
}

#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().copied().map_or(0, u64::from_le_bytes)
}

#[inline]
fn half_word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().copied().map_or(0, |chunk| u64::from(u32::from_le_bytes(chunk)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prng::Prng;
    use proptest::prelude::*;

    /// The keys people use: counted, so that they differ in few bits.
    fn counted_keys(count: u32) -> impl Iterator<Item = Vec<u8>> {
        (0..count).map(|index| format!("user:{index:09}").into_bytes())
    }

    /// Chi-squared per degree of freedom of the distribution over 4096 buckets: 1 for a random function.
    fn unevenness(bucket: impl Fn(u64) -> u64) -> f64 {
        const KEYS: u32 = 1 << 18;
        const BUCKETS: usize = 1 << 12;
        let mut counts = vec![0_u32; BUCKETS];
        counted_keys(KEYS).for_each(|key| counts[bucket(hash(&key, 7)) as usize] += 1);
        let expected = f64::from(KEYS) / BUCKETS as f64;
        counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum::<f64>()
            / BUCKETS as f64
    }

    #[test]
    fn spreads_over_buckets_by_high_and_by_low_bits() {
        for shift in [0, 7, 26, 45, 52] {
            let unevenness = unevenness(|hash| hash >> shift & 0xfff);
            assert!((0.9..1.1).contains(&unevenness), "bits from {shift}: {unevenness}");
        }
    }

    #[test]
    fn every_input_bit_flips_half_of_the_output() {
        for len in [1, 3, 4, 7, 8, 12, 16, 17, 33, 70] {
            let mut prng = Prng::new(len as u64);
            for bit in 0..len * 8 {
                let mut flips = 0;
                for _ in 0..200 {
                    let mut key = vec![0; len];
                    prng.fill(&mut key);
                    let before = hash(&key, 3);
                    key[bit / 8] ^= 1 << (bit % 8);
                    flips += (before ^ hash(&key, 3)).count_ones();
                }
                let share = f64::from(flips) / (200.0 * 64.0);
                assert!((0.46..0.54).contains(&share), "length {len}, bit {bit}: {share}");
            }
        }
    }

    #[test]
    fn seeds_and_lengths_matter() {
        assert_ne!(hash(b"key", 1), hash(b"key", 2));
        let zeros: std::collections::HashSet<u64> = (0..300).map(|len| hash(&vec![0; len], 0)).collect();
        assert_eq!(zeros.len(), 300);
    }

    proptest! {
        #[test]
        fn every_byte_matters(mut key in prop::collection::vec(any::<u8>(), 1..200), at: usize, change in 1_u8.., seed: u64) {
            let before = hash(&key, seed);
            let at = at % key.len();
            key[at] ^= change;
            prop_assert_ne!(hash(&key, seed), before);
        }
    }
}
