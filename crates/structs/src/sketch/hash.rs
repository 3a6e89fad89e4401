//! Where an element leaves its mark.

use super::{INDEX_BITS, REGISTERS};

/// A register, and the rank that an element has for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) rank: u8,
}

impl Place {
    #[inline]
    pub(super) fn of(element: &[u8]) -> Place {
        let hash = murmur64a(element, SEED);
        // A bit behind the last bounds the rank.
        let rest = (hash >> INDEX_BITS) | (1 << (u64::BITS - INDEX_BITS));
        Place { index: hash as usize % REGISTERS, rank: rest.trailing_zeros() as u8 + 1 }
    }
}

/// The seed that Redis uses.
const SEED: u64 = 0xadc8_3b19;

/// MurmurHash64A by Austin Appleby, of bytes in little-endian order.
#[inline]
fn murmur64a(bytes: &[u8], seed: u64) -> u64 {
    const FACTOR: u64 = 0xc6a4_a793_5bd1_e995;
    let mixed = |word: u64| word ^ (word >> 47);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(FACTOR);
    for word in words {
        let word = mixed(u64::from_le_bytes(*word).wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
        hash = (hash ^ word).wrapping_mul(FACTOR);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    }
    mixed(mixed(hash).wrapping_mul(FACTOR))
}
