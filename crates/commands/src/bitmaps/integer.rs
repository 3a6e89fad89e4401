//! Integers of 1 to 64 bits that lie anywhere in a row of bits, the highest bit first.

use std::ops::Range;

/// An integer's type: `u1` to `u63`, `i1` to `i64`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Width {
    signed: bool,
    bits: u32,
}

/// What becomes of a result that the type can't hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Overflow {
    /// Its lowest bits are kept.
    Wrap,
    /// It becomes the nearest that the type holds.
    Saturate,
    /// There is none, and nothing is written.
    Fail,
}

impl Width {
    /// The type of this name.
    pub(super) fn parse(name: &[u8]) -> Option<Width> {
        let (signed, max) = match name.first()? {
            b'i' => (true, 64),
            b'u' => (false, 63),
            _ => return None,
        };
        let bits = base::num::parse_i64(&name[1..])?;
        (1..=max).contains(&bits).then_some(Width { signed, bits: bits as u32 })
    }

    /// How many bits it has.
    pub(super) fn bits(self) -> usize {
        self.bits as usize
    }

    /// The bytes in which an integer at this bit lies.
    pub(super) fn bytes(self, offset: usize) -> Range<usize> {
        offset / 8..(offset + self.bits()).div_ceil(8)
    }

    /// The integer at this bit; behind the string's end there are zeros.
    pub(super) fn get(self, string: &[u8], offset: usize) -> i64 {
        let range = self.bytes(offset);
        let present = string.get(range.start..range.end.min(string.len())).unwrap_or_default();
        self.of_bits((load(present) >> self.shift(offset)) as u64)
    }

    /// Writes an integer at `offset`, which begins in the first byte of `bytes`: those that [`Width::bytes`] names.
    pub(super) fn put(self, bytes: &mut [u8], offset: usize, value: i64) {
        let (shift, mask) = (self.shift(offset), u128::from(self.mask()));
        let row = (load(bytes) & !(mask << shift)) | ((u128::from(value as u64) & mask) << shift);
        let whole = row.to_be_bytes();
        bytes.copy_from_slice(&whole[..bytes.len()]);
    }

    /// How far the integer's lowest bit lies from that of 16 bytes, of which the first holds bit `offset`.
    fn shift(self, offset: usize) -> u32 {
        u128::BITS - (offset % 8) as u32 - self.bits
    }

    fn mask(self) -> u64 {
        u64::MAX >> (u64::BITS - self.bits)
    }

    /// The value of the lowest bits.
    fn of_bits(self, bits: u64) -> i64 {
        let unused = u64::BITS - self.bits;
        if self.signed { (bits << unused) as i64 >> unused } else { (bits & self.mask()) as i64 }
    }

    /// What SET writes for a number: an unsigned integer is given by its 64 bits.
    pub(super) fn given(self, n: i64, overflow: Overflow) -> Option<i64> {
        self.fit(if self.signed { i128::from(n) } else { i128::from(n as u64) }, overflow)
    }

    /// The sum of an integer of this type and any number.
    pub(super) fn sum(self, old: i64, increment: i64, overflow: Overflow) -> Option<i64> {
        self.fit(i128::from(old) + i128::from(increment), overflow)
    }

    fn fit(self, n: i128, overflow: Overflow) -> Option<i64> {
        let (min, max) = if self.signed {
            (-(1i128 << (self.bits - 1)), (1i128 << (self.bits - 1)) - 1)
        } else {
            (0, (1i128 << self.bits) - 1)
        };
        if (min..=max).contains(&n) {
            return Some(n as i64);
        }
        match overflow {
            Overflow::Wrap => Some(self.of_bits(n as u64)),
            Overflow::Saturate => Some(n.clamp(min, max) as i64),
            Overflow::Fail => None,
        }
    }
}

/// Up to 9 bytes as the highest of a 16-byte number.
fn load(bytes: &[u8]) -> u128 {
    let mut whole = [0; 16];
    whole[..bytes.len()].copy_from_slice(bytes);
    u128::from_be_bytes(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn width() -> impl Strategy<Value = Width> {
        (any::<bool>(), 1..64u32).prop_map(|(signed, bits)| Width { signed, bits: bits + u32::from(signed) })
    }

    #[test]
    fn names() {
        for (name, expected) in [("u1", 1), ("u63", 63), ("i1", 1), ("i64", 64)] {
            assert_eq!(Width::parse(name.as_bytes()).map(Width::bits), Some(expected), "{name}");
        }
        for name in ["", "u", "i", "u0", "u64", "i65", "i0", "u-1", "u08", "U8", "x8", "u8 ", "8"] {
            assert_eq!(Width::parse(name.as_bytes()), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(width in width(), offset in 0..100usize, n: i64, fill: u8) {
            let value = width.given(n, Overflow::Wrap).unwrap();
            let mut string = vec![fill; 24];
            let range = width.bytes(offset);
            width.put(&mut string[range], offset, value);
            prop_assert_eq!(width.get(&string, offset), value);
            let written = offset..offset + width.bits();
            for bit in (0..24 * 8).filter(|bit| !written.contains(bit)) {
                let mask = 0x80 >> (bit % 8);
                prop_assert_eq!(string[bit / 8] & mask, fill & mask, "bit {} is somebody else's", bit);
            }
        }

        #[test]
        fn a_short_string_ends_in_zeros(width in width(), offset in 0..100usize, bytes: Vec<u8>) {
            let mut long = bytes.clone();
            long.resize(bytes.len() + 24, 0);
            prop_assert_eq!(width.get(&bytes, offset), width.get(&long, offset));
        }

        #[test]
        fn sums_fit(width in width(), old: i64, increment: i64) {
            let old = width.given(old, Overflow::Wrap).unwrap();
            let exact = i128::from(old) + i128::from(increment);
            let wrapped = width.sum(old, increment, Overflow::Wrap).unwrap();
            let saturated = width.sum(old, increment, Overflow::Saturate).unwrap();
            prop_assert_eq!((i128::from(wrapped) - exact) & i128::from(width.mask()), 0);
            prop_assert_eq!(width.given(saturated, Overflow::Fail), Some(saturated));
            match width.sum(old, increment, Overflow::Fail) {
                Some(sum) => prop_assert_eq!((exact, wrapped, saturated), (i128::from(sum), sum, sum)),
                None => prop_assert!(i128::from(saturated) != exact),
            }
        }
    }
}
