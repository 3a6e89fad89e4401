//! Doubles to text: the digits are Grisu2's (F. Loitsch, "Printing Floating-Point Numbers Quickly and Accurately
//! with Integers", 2010), which parse back to the same double and are nearly always the shortest that do.
//!
//! Redis prints doubles with that algorithm too. In about one case in a thousand these digits aren't the
//! shortest, so a perfect algorithm would give other bytes: replies and dumps would differ between the two servers.

use super::ieee::{HIDDEN_BIT, decompose_f64};
use super::powers::{FIRST_POWER, POWER_STEP, POWERS};

/// Integral values up to two to this power are printed as integers, larger ones by their shortest digits.
const INTEGER_LIMIT: f64 = (1_u64 << 62) as f64;

/// The products of digit generation must have an exponent in this range, so that their integral part has at most
/// 32 bits and their fraction leaves room for a multiplication by ten.
const TARGET_EXPONENTS: std::ops::RangeInclusive<i32> = -60..=-32;

/// Room for the longest text: sign, 17 digits, point, and either seven zeros or an exponent.
const MAX_TEXT: usize = 32;

/// Appends the text of `value` as Redis prints scores and RESP3 doubles.
///
/// Integral values print without point (`3`), others with the fewest digits (`0.1`, `1.5e-7`, `1e+25`); infinities
/// are `inf` and `-inf`, not-a-number is `nan`.
pub fn push_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(F64Buffer::new().format(value));
}

/// Appends the text of `value` by its digits alone: as [`push_f64`], but large integral values with an exponent
/// (`3.06e+13`). What fingerprints of data are made of.
pub fn push_f64_shortest(out: &mut Vec<u8>, value: f64) {
    let mut buffer = F64Buffer::new();
    if value.is_finite() {
        buffer.set(value);
        out.extend_from_slice(&buffer.bytes[..buffer.len]);
    } else {
        push_f64(out, value);
    }
}

/// A place for the text of one double, for callers that must know its length before they write it.
pub struct F64Buffer {
    bytes: [u8; MAX_TEXT],
    len: usize,
    integer: itoa::Buffer,
}

impl Default for F64Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl F64Buffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self { bytes: [0; MAX_TEXT], len: 0, integer: itoa::Buffer::new() }
    }

    /// The text of `value`, see [`push_f64`]; valid until the next call.
    pub fn format(&mut self, value: f64) -> &[u8] {
        if !value.is_finite() {
            return match value {
                f64::INFINITY => b"inf",
                f64::NEG_INFINITY => b"-inf",
                _ => b"nan",
            };
        }
        if value.abs() <= INTEGER_LIMIT && value == value.trunc() && !is_negative_zero(value) {
            return self.integer.format(value as i64).as_bytes();
        }
        self.set(value);
        &self.bytes[..self.len]
    }

    /// Takes the text of a finite number, by its digits.
    fn set(&mut self, value: f64) {
        self.len = 0;
        if value.is_sign_negative() {
            self.push(b"-");
        }
        if value == 0.0 {
            self.push(b"0");
        } else {
            self.push_digits(&shortest_digits(value));
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn push_zeros(&mut self, count: usize) {
        self.push(&b"0000000000"[..count]);
    }

    /// Places point and exponent: plain notation while that needs few zeros, otherwise `d.ddde+xx`.
    fn push_digits(&mut self, digits: &Digits) {
        let text = digits.as_bytes();
        let count = text.len() as i32;
        let leading_exponent = digits.exponent + count - 1;
        if digits.exponent >= 0 && leading_exponent < count + 7 {
            self.push(text);
            self.push_zeros(digits.exponent as usize);
        } else if digits.exponent < 0 && (digits.exponent > -7 || leading_exponent.abs() < 4) {
            self.push_fixed(text, count + digits.exponent);
        } else {
            self.push_scientific(text, leading_exponent);
        }
    }

    /// Plain notation with the point after `integral` digits, or after a zero if there are none.
    fn push_fixed(&mut self, text: &[u8], integral: i32) {
        let (before, after) = text.split_at(integral.max(0) as usize);
        self.push(if before.is_empty() { b"0" } else { before });
        self.push(b".");
        self.push_zeros((-integral).max(0) as usize);
        self.push(after);
    }

    fn push_scientific(&mut self, text: &[u8], exponent: i32) {
        let (first, rest) = text.split_at(1);
        self.push(first);
        if !rest.is_empty() {
            self.push(b".");
            self.push(rest);
        }
        self.push(if exponent < 0 { b"e-" } else { b"e+" });
        let magnitude = exponent.unsigned_abs() as u16;
        let decimals = [
            b'0' + (magnitude / 100) as u8,
            b'0' + (magnitude / 10 % 10) as u8,
            b'0' + (magnitude % 10) as u8,
        ];
        self.push(match magnitude {
            100.. => &decimals,
            10.. => &decimals[1..],
            _ => &decimals[2..],
        });
    }
}

fn is_negative_zero(value: f64) -> bool {
    value == 0.0 && value.is_sign_negative()
}

/// Decimal digits and a power of ten: the value is `digits * 10^exponent`.
struct Digits {
    bytes: [u8; 20],
    len: usize,
    exponent: i32,
}

impl Digits {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, digit: u32) {
        self.bytes[self.len] = b'0' + digit as u8;
        self.len += 1;
    }
}

/// `fraction * 2^exponent`.
#[derive(Clone, Copy)]
struct Float {
    fraction: u64,
    exponent: i32,
}

impl Float {
    fn normalized(self) -> Self {
        let shift = self.fraction.leading_zeros();
        Self { fraction: self.fraction << shift, exponent: self.exponent - shift as i32 }
    }

    /// The upper 64 bits of the product, rounded.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.fraction) * u128::from(other.fraction);
        let fraction = (product + (1 << 63)) >> 64;
        Self { fraction: fraction as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

/// The points halfway to the neighbouring doubles, with the exponent of the normalized upper one.
fn boundaries(value: Float) -> (Float, Float) {
    let upper = Float { fraction: value.fraction << 1 | 1, exponent: value.exponent - 1 }.normalized();
    // Just above a power of two the lower neighbour is only half as far away.
    let shift = if value.fraction == HIDDEN_BIT { 2 } else { 1 };
    let lower = Float { fraction: (value.fraction << shift) - 1, exponent: value.exponent - shift };
    let aligned = lower.fraction << (lower.exponent - upper.exponent);
    (Float { fraction: aligned, exponent: upper.exponent }, upper)
}

/// The power of ten that brings a normalized number of this exponent into [`TARGET_EXPONENTS`], and its logarithm.
fn scaling_power(exponent: i32) -> (Float, i32) {
    const LOG10_OF_2: f64 = std::f64::consts::LOG10_2;
    let guess = -f64::from(exponent + POWERS.len() as i32) * LOG10_OF_2;
    let mut index = (guess as i32 - FIRST_POWER) / POWER_STEP;
    loop {
        let (fraction, power_exponent) = POWERS[index as usize];
        let product = exponent + power_exponent + 64;
        if product < *TARGET_EXPONENTS.start() {
            index += 1;
        } else if product > *TARGET_EXPONENTS.end() {
            index -= 1;
        } else {
            return (Float { fraction, exponent: power_exponent }, FIRST_POWER + index * POWER_STEP);
        }
    }
}

/// Grisu2: digits of a number between the boundaries of `value`.
fn shortest_digits(value: f64) -> Digits {
    let (fraction, exponent) = decompose_f64(value);
    let value = Float { fraction, exponent };
    let (lower, upper) = boundaries(value);
    let (power, power_log) = scaling_power(upper.exponent);
    let exact = value.normalized().times(power);
    // The products may be off by one unit: shrink the interval so that it is surely inside the true one.
    let mut lower = lower.times(power);
    let mut upper = upper.times(power);
    lower.fraction += 1;
    upper.fraction -= 1;
    generate(exact, upper, upper.fraction - lower.fraction, -power_log)
}

/// Produces digits of `upper` until what is left is smaller than `delta`, then moves the last one towards `exact`.
fn generate(exact: Float, upper: Float, mut delta: u64, exponent: i32) -> Digits {
    let shift = -upper.exponent as u32;
    let one = 1_u64 << shift;
    let mut distance = upper.fraction - exact.fraction;
    let mut digits = Digits { bytes: [0; 20], len: 0, exponent };
    let mut integral = (upper.fraction >> shift) as u32;
    let mut fraction = upper.fraction & (one - 1);

    let mut position = decimal_len(integral);
    while position > 0 {
        position -= 1;
        let unit = 10_u32.pow(position);
        digits.push(integral / unit);
        integral %= unit;
        let rest = (u64::from(integral) << shift) + fraction;
        if rest <= delta {
            digits.exponent += position as i32;
            round_last(&mut digits, delta, rest, u64::from(unit) << shift, distance);
            return digits;
        }
    }
    loop {
        fraction *= 10;
        delta *= 10;
        distance *= 10;
        digits.push((fraction >> shift) as u32);
        digits.exponent -= 1;
        fraction &= one - 1;
        if fraction < delta {
            round_last(&mut digits, delta, fraction, one, distance);
            return digits;
        }
    }
}

fn decimal_len(value: u32) -> u32 {
    value.checked_ilog10().map_or(0, |log| log + 1)
}

/// Lowers the last digit while that brings the number (`rest` below the upper end) nearer to the exact value
/// (`distance` below it) and keeps it inside the interval of length `delta`.
fn round_last(digits: &mut Digits, delta: u64, mut rest: u64, unit: u64, distance: u64) {
    let last = &mut digits.bytes[digits.len - 1];
    while rest < distance
        && delta - rest >= unit
        && (rest + unit < distance || distance - rest > rest + unit - distance)
    {
        *last -= 1;
        rest += unit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::parse_f64;
    use proptest::prelude::*;

    fn text(value: f64) -> String {
        String::from_utf8(F64Buffer::new().format(value).to_vec()).unwrap_or_default()
    }

    /// Texts recorded from Redis 8: `ZADD key <input> member`, then `ZSCORE`.
    #[test]
    fn prints_what_redis_prints() {
        for line in include_str!("../../testdata/doubles.txt").lines().filter(|line| !line.starts_with('#')) {
            let (input, expected) = line.split_once(' ').unwrap_or_else(|| panic!("malformed line {line:?}"));
            let value = parse_f64(input.as_bytes()).unwrap_or_else(|| panic!("bad number {input}"));
            assert_eq!(text(value), expected, "{input}");
        }
        assert_eq!(text(f64::NAN), "nan");
    }

    proptest! {
        #[test]
        fn round_trip(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(!value.is_nan());
            prop_assert_eq!(parse_f64(text(value).as_bytes()).map(f64::to_bits), Some(bits));
        }

        #[test]
        fn round_trip_of_decimals(mantissa in -1_000_000_000_000_000_i64..1_000_000_000_000_000, scale in 0_i32..20) {
            let value = mantissa as f64 / 10_f64.powi(scale);
            prop_assert_eq!(parse_f64(text(value).as_bytes()), Some(value));
        }
    }
}
