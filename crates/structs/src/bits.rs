//! Strings as rows of bits: counting them, looking for one, combining several strings. Bit 0 is the highest of the first
//! byte. Nothing is copied but the result of a combination.

use std::ops::Range;

/// How many bits are set. O(n), by the widest instructions that the processor has.
pub fn count(bytes: &[u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512vl") && has!("avx512vpopcntdq") && has!("popcnt") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { wide::count_avx512(bytes) };
        }
        if has!("avx2") && has!("popcnt") {
            // SAFETY: likewise.
            return unsafe { wide::count_avx2(bytes) };
        }
    }
    count_any(bytes)
}

/// The same source compiled for wider registers: the compiler makes vector instructions of it.
#[cfg(target_arch = "x86_64")]
mod wide {
    #[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq,popcnt")]
    pub(super) fn count_avx512(bytes: &[u8]) -> usize {
        super::count_any(bytes)
    }

    #[target_feature(enable = "avx2,popcnt")]
    pub(super) fn count_avx2(bytes: &[u8]) -> usize {
        super::count_any(bytes)
    }
}

#[inline(always)]
fn count_any(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    // Loops, because the functions inside `sum` would be compiled for any processor and called.
    let mut total = 0u64;
    for word in words {
        total += u64::from(u64::from_ne_bytes(*word).count_ones());
    }
    for byte in rest {
        total += u64::from(byte.count_ones());
    }
    total as usize
}

/// How many bits of a range of bits are set.
///
/// # Panics
/// When the range reaches beyond the last bit.
pub fn count_in(bytes: &[u8], bits: Range<usize>) -> usize {
    if bits.is_empty() {
        return 0;
    }
    let (first, last) = (bits.start / 8, (bits.end - 1) / 8);
    let before = bytes[first] & !from_bit(bits.start);
    let behind = bytes[last] & (from_bit(bits.end - 1) >> 1);
    count(&bytes[first..=last]) - (before.count_ones() + behind.count_ones()) as usize
}

/// The first bit of a range of bits that is set, or with `wanted` false that isn't. O(bytes looked at).
///
/// # Panics
/// When the range reaches beyond the last bit.
pub fn find_in(bytes: &[u8], bits: Range<usize>, wanted: bool) -> Option<usize> {
    if bits.is_empty() {
        return None;
    }
    // A byte of bits that aren't wanted: against it, those that are show as set.
    let unwanted = if wanted { 0 } else { u8::MAX };
    let (first, last) = (bits.start / 8, (bits.end - 1) / 8);
    let mut byte = first;
    let mut shown = (bytes[first] ^ unwanted) & from_bit(bits.start);
    if shown == 0 {
        byte += 1 + leading(&bytes[first + 1..=last], unwanted);
        shown = bytes[..=last].get(byte)? ^ unwanted;
    }
    let found = byte * 8 + shown.leading_zeros() as usize;
    (found < bits.end).then_some(found)
}

/// The bits of a byte from this one on: those at and below it.
fn from_bit(bit: usize) -> u8 {
    u8::MAX >> (bit % 8)
}

/// How many bytes at the beginning are `byte`.
fn leading(bytes: &[u8], byte: u8) -> usize {
    const BLOCK: usize = 64;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    // Without an exit inside a block, the comparison is one of vectors.
    let differs = |block: &[u8; BLOCK]| block.iter().fold(0, |any, other| any | (other ^ byte)) != 0;
    let from = blocks.iter().position(differs).unwrap_or(blocks.len()) * BLOCK;
    from + bytes[from..].iter().position(|other| *other != byte).unwrap_or(bytes.len() - from)
}

/// What is made of several strings, bit by bit; X is the first of them, Y any other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combination {
    /// Set in all.
    And,
    /// Set in any.
    Or,
    /// Set in an odd number of them.
    Xor,
    /// Not set in X. Takes nothing but X.
    Not,
    /// Set in X and in no Y.
    Diff,
    /// Set in any Y, but not in X.
    Diff1,
    /// Set in X and in any Y.
    AndOr,
    /// Set in exactly one.
    One,
}

/// Bytes that are combined at once: they stay in the nearest cache while one string after another is looked at.
const PART: usize = 4096;

/// Combines strings. All are taken as filled up with zero bytes to the length of the longest, which the result has. O(bytes of
/// all strings).
pub fn combine(combination: Combination, strings: &[&[u8]]) -> Vec<u8> {
    let len = strings.iter().map(|string| string.len()).max().unwrap_or(0);
    let mut result = Vec::with_capacity(len);
    while result.len() < len {
        let from = result.len();
        let to = len.min(from + PART);
        let parts = strings.iter().map(|string| &string[from.min(string.len())..to.min(string.len())]);
        combination.append(parts, to - from, &mut result);
    }
    result
}

impl Combination {
    /// Appends `len` bytes, combined from the same bytes of each string as far as they have them.
    fn append<'p>(self, mut parts: impl Iterator<Item = &'p [u8]>, len: usize, result: &mut Vec<u8>) {
        let from = result.len();
        let x = parts.next().unwrap_or_default();
        let set_aside = matches!(self, Combination::Diff1 | Combination::AndOr);
        result.extend_from_slice(if set_aside { parts.next().unwrap_or_default() } else { x });
        result.resize(from + len, 0);
        let part = &mut result[from..];
        match self {
            Combination::And => parts.for_each(|y| intersect(part, y)),
            Combination::Or => parts.for_each(|y| change(part, y, |x, y| x | y)),
            Combination::Xor => parts.for_each(|y| change(part, y, |x, y| x ^ y)),
            Combination::Not => part.iter_mut().for_each(|byte| *byte = !*byte),
            Combination::Diff => parts.for_each(|y| change(part, y, |x, y| x & !y)),
            Combination::Diff1 => {
                parts.for_each(|y| change(part, y, |any, y| any | y));
                change(part, x, |any, x| any & !x);
            }
            Combination::AndOr => {
                parts.for_each(|y| change(part, y, |any, y| any | y));
                intersect(part, x);
            }
            Combination::One => {
                let mut again = [0; PART];
                let again = &mut again[..len];
                for y in parts {
                    for ((once, again), y) in part.iter_mut().zip(&mut *again).zip(y) {
                        *again |= *once & y;
                        *once |= y;
                    }
                }
                change(part, again, |once, again| once & !again);
            }
        }
    }
}

/// Changes each byte by the other string's, as far as that reaches.
#[inline(always)]
fn change(bytes: &mut [u8], other: &[u8], by: impl Fn(u8, u8) -> u8) {
    bytes.iter_mut().zip(other).for_each(|(byte, other)| *byte = by(*byte, *other));
}

/// Keeps the bits that the other string has too.
fn intersect(bytes: &mut [u8], other: &[u8]) {
    change(bytes, other, |x, y| x & y);
    bytes[other.len()..].fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bit(bytes: &[u8], at: usize) -> bool {
        bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
    }

    /// Strings with long runs of equal bytes and with short ones.
    fn string() -> impl Strategy<Value = Vec<u8>> {
        let run = (prop_oneof![Just(0), Just(0xff), any::<u8>()], prop_oneof![1..9usize, 60..200usize]);
        let runs = prop::collection::vec(run, 0..6);
        runs.prop_map(|runs| runs.into_iter().flat_map(|(byte, times)| vec![byte; times]).collect())
    }

    fn string_and_range() -> impl Strategy<Value = (Vec<u8>, Range<usize>)> {
        string().prop_flat_map(|bytes| {
            let bits = bytes.len() * 8;
            (Just(bytes), 0..=bits, 0..=bits).prop_map(|(bytes, a, b)| (bytes, a.min(b)..a.max(b)))
        })
    }

    fn model(combination: Combination, strings: &[&[u8]], at: usize) -> bool {
        let x = bit(strings[0], at);
        let set = strings[1..].iter().filter(|y| bit(y, at)).count();
        match combination {
            Combination::And => x && set == strings.len() - 1,
            Combination::Or => x || set > 0,
            Combination::Xor => (usize::from(x) + set) % 2 == 1,
            Combination::Not => !x,
            Combination::Diff => x && set == 0,
            Combination::Diff1 => !x && set > 0,
            Combination::AndOr => x && set > 0,
            Combination::One => usize::from(x) + set == 1,
        }
    }

    proptest! {
        #[test]
        fn ranges_are_counted_and_searched((bytes, range) in string_and_range()) {
            let set = range.clone().filter(|at| bit(&bytes, *at)).count();
            prop_assert_eq!(count_in(&bytes, range.clone()), set);
            prop_assert_eq!(count(&bytes), (0..bytes.len() * 8).filter(|at| bit(&bytes, *at)).count());
            prop_assert_eq!(count_any(&bytes), count(&bytes));
            for wanted in [true, false] {
                let first = range.clone().find(|at| bit(&bytes, *at) == wanted);
                prop_assert_eq!(find_in(&bytes, range.clone(), wanted), first);
            }
        }

        #[test]
        fn combinations_are_those_of_each_bit(strings in prop::collection::vec(string(), 1..5), long: bool) {
            use Combination::*;
            let mut strings = strings;
            if long {
                strings[0].resize(PART + 3, 0xa5);
            }
            let strings: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
            let len = strings.iter().map(|string| string.len()).max().unwrap();
            for combination in [And, Or, Xor, Not, Diff, Diff1, AndOr, One] {
                let strings = if combination == Not { &strings[..1] } else { &strings };
                let result = combine(combination, strings);
                prop_assert_eq!(result.len(), if combination == Not { strings[0].len() } else { len });
                for at in 0..result.len() * 8 {
                    prop_assert_eq!(bit(&result, at), model(combination, strings, at), "{:?} {}", combination, at);
                }
            }
        }
    }
}
