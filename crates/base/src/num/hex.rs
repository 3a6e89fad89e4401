//! Hexadecimal floating-point texts such as `0x1.8p3`, as C's `strtod` reads them.

use super::rounding::Scaled;

/// Parses `0x` digits, an optional point among them, and an optional binary exponent; no sign.
///
/// `None` when `text` is anything else. The result is exact, except that the 129th bit and those below it are
/// only recorded as "inexact". Takes linear time.
pub(crate) fn parse_hex_float(text: &[u8]) -> Option<Scaled> {
    let text = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"))?;
    let mut scaled = Scaled { mantissa: 0, exponent: 0, inexact: false };
    let (mut digits, mut seen_point) = (0_usize, false);
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, char::from(byte).to_digit(16)) {
            (b'.', _) if !seen_point => seen_point = true,
            (_, Some(digit)) => {
                digits += 1;
                push_digit(&mut scaled, digit, seen_point);
            }
            _ => break,
        }
        rest = tail;
    }
    if digits == 0 {
        return None;
    }
    if let Some((b'p' | b'P', exponent)) = rest.split_first() {
        scaled.exponent = scaled.exponent.saturating_add(parse_exponent(exponent)?);
        return Some(scaled);
    }
    rest.is_empty().then_some(scaled)
}

/// Appends one digit; digits beyond 128 bits only move the point.
fn push_digit(scaled: &mut Scaled, digit: u32, seen_point: bool) {
    if scaled.mantissa >> 124 == 0 {
        scaled.mantissa = scaled.mantissa << 4 | u128::from(digit);
        scaled.exponent -= if seen_point { 4 } else { 0 };
    } else {
        scaled.inexact |= digit != 0;
        scaled.exponent += if seen_point { 0 } else { 4 };
    }
}

/// Parses an optionally signed run of at least one digit that is the whole of `text`.
///
/// Huge exponents become merely large: nothing a format can represent lies that far out.
pub(crate) fn parse_exponent(text: &[u8]) -> Option<i64> {
    const LARGE: i64 = 1 << 40;
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(byte - b'0')).min(LARGE);
    }
    Some(if negative { -value } else { value })
}
