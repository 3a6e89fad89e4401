//! Natural numbers of any size, with the few operations that exact decimal conversion needs.

use std::cmp::Ordering;

/// The largest power of ten in a limb, and its logarithm.
const TEN_POWER: (u64, usize) = (10_000_000_000_000_000_000, 19);

/// The largest power of five in a limb, and its logarithm.
const FIVE_POWER: (u64, u32) = (7_450_580_596_923_828_125, 27);

/// A natural number: limbs of 64 bits, the least significant first, the last one not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Big {
    limbs: Vec<u64>,
}

impl Big {
    pub(super) fn from_u64(value: u64) -> Self {
        let mut big = Self { limbs: vec![value] };
        big.trim();
        big
    }

    /// The value of ASCII decimal digits.
    pub(super) fn from_digits(digits: impl Iterator<Item = u8>) -> Self {
        let mut big = Self::from_u64(0);
        let (mut chunk, mut scale) = (0_u64, 1_u64);
        for digit in digits {
            chunk = chunk * 10 + u64::from(digit - b'0');
            scale *= 10;
            if scale == TEN_POWER.0 {
                big.multiply_add(scale, chunk);
                (chunk, scale) = (0, 1);
            }
        }
        big.multiply_add(scale, chunk);
        big
    }

    pub(super) fn power_of_five(mut exponent: u32) -> Self {
        let mut big = Self::from_u64(1);
        while exponent > 0 {
            let step = exponent.min(FIVE_POWER.1);
            big.multiply_add(5_u64.pow(step), 0);
            exponent -= step;
        }
        big
    }

    pub(super) fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub(super) fn multiply_by_power_of_five(&mut self, mut exponent: u32) {
        while exponent > 0 {
            let step = exponent.min(FIVE_POWER.1);
            self.multiply_add(5_u64.pow(step), 0);
            exponent -= step;
        }
    }

    /// `self = self * factor + addend`
    fn multiply_add(&mut self, factor: u64, addend: u64) {
        let mut carry = addend;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            *limb = product as u64;
            carry = (product >> 64) as u64;
        }
        self.limbs.push(carry);
        self.trim();
    }

    /// Number of bits up to the highest one that is set.
    pub(super) fn bits(&self) -> usize {
        self.limbs.last().map_or(0, |last| self.limbs.len() * 64 - last.leading_zeros() as usize)
    }

    pub(super) fn shift_left(&mut self, bits: usize) {
        let (whole, part) = (bits / 64, bits % 64);
        if part > 0 {
            self.multiply_add(1 << part, 0);
        }
        if !self.is_zero() {
            self.limbs.splice(0..0, std::iter::repeat_n(0, whole));
        }
    }

    /// `self -= other`, which must not be larger.
    pub(super) fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (at, limb) in self.limbs.iter_mut().enumerate() {
            let subtrahend = other.limbs.get(at).copied().unwrap_or(0);
            let (difference, first) = limb.overflowing_sub(subtrahend);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
        debug_assert!(!borrow, "subtracted a larger number");
        self.trim();
    }

    /// The highest 128 bits, how many bits are below them, and whether any of those is set.
    pub(super) fn top(&self) -> (u128, usize, bool) {
        let below = self.bits().saturating_sub(128);
        let (whole, part) = (below / 64, below % 64);
        let limb = |at: usize| u128::from(self.limbs.get(at).copied().unwrap_or(0));
        let mut top = (limb(whole + 1) << 64 | limb(whole)) >> part;
        if part > 0 {
            top |= limb(whole + 2) << (128 - part);
        }
        let lost = self.limbs[..whole].iter().any(|&limb| limb != 0) || limb(whole) & ((1 << part) - 1) != 0;
        (top, below, lost)
    }

    /// Appends the decimal digits. Quadratic time in the number's length.
    pub(super) fn push_decimal(mut self, out: &mut Vec<u8>) {
        let mut chunks = Vec::new();
        while !self.is_zero() {
            chunks.push(self.divide(TEN_POWER.0));
        }
        crate::num::push_u64(out, chunks.pop().unwrap_or(0));
        for chunk in chunks.into_iter().rev() {
            let mut text = itoa::Buffer::new();
            let text = text.format(chunk);
            out.extend(std::iter::repeat_n(b'0', TEN_POWER.1 - text.len()));
            out.extend_from_slice(text.as_bytes());
        }
    }

    /// Divides in place and returns the remainder.
    fn divide(&mut self, divisor: u64) -> u64 {
        let mut remainder = 0_u64;
        for limb in self.limbs.iter_mut().rev() {
            let dividend = u128::from(remainder) << 64 | u128::from(*limb);
            *limb = (dividend / u128::from(divisor)) as u64;
            remainder = (dividend % u128::from(divisor)) as u64;
        }
        self.trim();
        remainder
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> Ordering {
        self.limbs
            .len()
            .cmp(&other.limbs.len())
            .then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}
