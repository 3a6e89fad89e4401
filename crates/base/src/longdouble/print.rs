//! 80-bit numbers to plain decimal text.

use super::big::Big;
use super::{LongDouble, Magnitude};

/// Digits after the point.
const PLACES: usize = 17;

/// Ten to the power of [`PLACES`].
const UNIT: u64 = 100_000_000_000_000_000;

pub(super) fn push_text(value: LongDouble, out: &mut Vec<u8>) {
    let start = out.len();
    if value.negative {
        out.push(b'-');
    }
    match value.magnitude {
        Magnitude::NaN => out.extend_from_slice(b"nan"),
        Magnitude::Infinite => out.extend_from_slice(b"inf"),
        Magnitude::Finite { mantissa, exponent } if exponent >= 0 => {
            let mut integer = Big::from_u64(mantissa);
            integer.shift_left(exponent as usize);
            integer.push_decimal(out);
        }
        Magnitude::Finite { mantissa, exponent } => push_fixed(mantissa, exponent.unsigned_abs(), out),
    }
    if &out[start..] == b"-0" {
        out.remove(start);
    }
}

/// Appends `mantissa / 2^shift` rounded to [`PLACES`] digits (ties to even), without trailing zeros.
fn push_fixed(mantissa: u64, shift: u32, out: &mut Vec<u8>) {
    let scaled = round_shift(u128::from(mantissa) * u128::from(UNIT), shift);
    let (integral, fraction) = (scaled / u128::from(UNIT), scaled % u128::from(UNIT));
    crate::num::push_u64(out, integral as u64);
    if fraction == 0 {
        return;
    }
    let mut text = itoa::Buffer::new();
    let text = text.format(fraction as u64);
    out.push(b'.');
    out.extend(std::iter::repeat_n(b'0', PLACES - text.len()));
    out.extend_from_slice(text.trim_end_matches('0').as_bytes());
}

/// `value / 2^shift`, rounded to nearest, ties to even; `shift` is positive.
fn round_shift(value: u128, shift: u32) -> u128 {
    if shift >= u128::BITS {
        return 0;
    }
    let (kept, half) = (value >> shift, 1_u128 << (shift - 1));
    let rest = value & (half | (half - 1));
    kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
}
