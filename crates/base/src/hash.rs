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
