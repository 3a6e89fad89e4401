//! Integers from and to decimal text, in the one canonical form: no sign `+`, no leading zero, no space.
//!
//! The strictness is what lets a container store `"123"` as a number: parsing and printing give the same bytes
//! back for every text that parses.

/// The longest canonical text of an `i64`: `-9223372036854775808`.
const MAX_I64_TEXT: usize = 20;

/// So many decimal digits always fit in a `u64`.
const SAFE_DIGITS: usize = 19;

/// Parses a signed integer in canonical form.
///
/// `None` for anything that printing the result would not reproduce byte for byte: empty text, `+1`, `01`, `-0`,
/// surrounding spaces, values outside `i64`.
#[inline]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (&first, rest) = text.split_first()?;
    if text.len() == 1 {
        let digit = first.wrapping_sub(b'0');
        return (digit <= 9).then_some(i64::from(digit));
    }
    if text.len() > MAX_I64_TEXT {
        return None;
    }
    if first != b'-' {
        return parse_positive(text).and_then(|value| i64::try_from(value).ok());
    }
    let magnitude = parse_positive(rest)?;
    if magnitude <= i64::MIN.unsigned_abs() { Some((magnitude as i64).wrapping_neg()) } else { None }
}

/// Parses an unsigned integer in canonical form; `None` as in [`parse_i64`], and for any sign.
#[inline]
pub fn parse_u64(text: &[u8]) -> Option<u64> {
    if text == b"0" { Some(0) } else { parse_positive(text) }
}

/// Parses digits that don't start with `0`.
#[inline]
fn parse_positive(text: &[u8]) -> Option<u64> {
    if !matches!(text.first(), Some(b'1'..=b'9')) || text.len() > SAFE_DIGITS + 1 {
        return None;
    }
    let (safe, last) = text.split_at(text.len().min(SAFE_DIGITS));
    let (chunks, rest) = safe.as_chunks::<8>();
    let mut value = 0_u64;
    for &chunk in chunks {
        value = value * 100_000_000 + parse_eight(chunk)?;
    }
    for &byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    match last {
        [] => Some(value),
        [byte @ b'0'..=b'9', ..] => value.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    }
}

/// Parses eight digits at once, in the bytes of one word: first pairs of digits, then pairs of those, then both.
#[inline]
fn parse_eight(chunk: [u8; 8]) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let word = u64::from_le_bytes(chunk);
    // A byte is a digit if its high half is 3, and still is after adding 6 to its low half.
    let carried = word.wrapping_add(0x0606_0606_0606_0606);
    if word & HIGH_HALVES != ZEROS || carried & HIGH_HALVES != ZEROS {
        return None;
    }
    let digits = word - ZEROS;
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// Appends the decimal text of `value`.
#[inline]
pub fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the decimal text of `value`.
#[inline]
pub fn push_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_the_limits() {
        assert_eq!(parse_i64(b"0"), Some(0));
        assert_eq!(parse_i64(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_u64(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_u64(b"0"), Some(0));
    }

    #[test]
    fn rejects_everything_not_canonical() {
        let cases: &[&[u8]] = &[
            b"",
            b"-",
            b"+1",
            b"01",
            b"-0",
            b"-01",
            b"00",
            b" 1",
            b"1 ",
            b"1a",
            b"a",
            b"--1",
            b"/",
            b":",
            b"9223372036854775808",
            b"-9223372036854775809",
            b"18446744073709551616",
            b"1844674407370955161a",
            b"99999999999999999999",
            b"100000000000000000000",
            b"1\n",
            b"1\0",
        ];
        for &text in cases {
            assert_eq!(parse_i64(text), None, "{:?}", text.escape_ascii().to_string());
        }
        for text in [&b"-1"[..], b"18446744073709551616", b"99999999999999999999", b"100000000000000000000"] {
            assert_eq!(parse_u64(text), None, "{:?}", text.escape_ascii().to_string());
        }
    }

    proptest! {
        #[test]
        fn signed_round_trip(value: i64) {
            let mut text = Vec::new();
            push_i64(&mut text, value);
            prop_assert_eq!(parse_i64(&text), Some(value));
        }

        #[test]
        fn unsigned_round_trip(value: u64) {
            let mut text = Vec::new();
            push_u64(&mut text, value);
            prop_assert_eq!(parse_u64(&text), Some(value));
        }

        #[test]
        fn parses_only_what_it_would_print(text in "[-+ 0-9a]{0,22}") {
            let model = text.parse::<i64>().ok().filter(|value| value.to_string() == text);
            prop_assert_eq!(parse_i64(text.as_bytes()), model);
            let model = text.parse::<u64>().ok().filter(|value| value.to_string() == text);
            prop_assert_eq!(parse_u64(text.as_bytes()), model);
        }
    }
}
