//! Doubles from text: what `strtod` of the C locale accepts, minus what Redis refuses on top.

use super::ieee::compose_f64;
use super::parse_hex_float;
use super::rounding::{DOUBLE, Rounded};

/// Integers of up to so many digits are exact in a double.
const EXACT_DIGITS: usize = 15;

/// Parses a score or another floating-point argument.
///
/// Accepts an optional sign followed by decimal digits with an optional point and exponent, a hexadecimal
/// float (`0x1.8p3`), or `inf` / `infinity` in any case; the value is the nearest double. `None` for everything
/// else: empty text, spaces anywhere, `nan`, values that overflow, non-zero values that underflow to zero.
#[inline]
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    parse_short_integer(text).or_else(|| parse_general(text))
}

/// The common case, an integer that a double holds exactly.
#[inline]
fn parse_short_integer(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > EXACT_DIGITS {
        return None;
    }
    let mut value = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value as f64)
}

fn parse_general(text: &[u8]) -> Option<f64> {
    let (negative, magnitude) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let value = match magnitude.first()? {
        b'0' if matches!(magnitude.get(1), Some(b'x' | b'X')) => parse_hex(magnitude)?,
        b'0'..=b'9' | b'.' => parse_decimal(magnitude)?,
        _ if is_infinity(magnitude) => f64::INFINITY,
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

/// Whether `text` is one of C's two names of infinity.
pub(crate) fn is_infinity(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity")
}

fn parse_decimal(text: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let underflowed = value == 0.0 && has_nonzero_digit(text);
    (value.is_finite() && !underflowed).then_some(value)
}

/// Whether the digits before the exponent spell something other than zero.
fn has_nonzero_digit(text: &[u8]) -> bool {
    text.iter().take_while(|byte| !matches!(byte, b'e' | b'E')).any(|byte| matches!(byte, b'1'..=b'9'))
}

fn parse_hex(text: &[u8]) -> Option<f64> {
    let exact = parse_hex_float(text)?;
    match exact.round(&DOUBLE) {
        Rounded::Zero if exact.mantissa == 0 => Some(0.0),
        Rounded::Zero | Rounded::Overflow => None,
        finite => Some(compose_f64(finite)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_redis_accepts() {
        let cases: &[(&str, f64)] = &[
            ("0", 0.0),
            ("1", 1.0),
            ("+1", 1.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("+.5", 0.5),
            ("-.5e-1", -0.05),
            ("00001", 1.0),
            ("1e5", 1e5),
            ("1E+5", 1e5),
            ("1e00000005", 1e5),
            ("0e500", 0.0),
            ("0e-500", 0.0),
            ("1e-320", 1e-320),
            ("4.9e-324", 5e-324),
            ("2.4703282292062328e-324", 5e-324),
            ("1.7976931348623158e308", f64::MAX),
            ("0.000e999999999999999999", 0.0),
            ("inf", f64::INFINITY),
            ("+InF", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("0x10", 16.0),
            ("0X1p3", 8.0),
            ("0x.8", 0.5),
            ("0x1.8P+1", 3.0),
            ("0x1.p1", 2.0),
            ("-0x1p-1", -0.5),
            ("0x1p-1074", 5e-324),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("0x0p5000", 0.0),
            ("0x1000000000000000000000000000000000000000000000001p-192", 1.0),
            ("0x0.00000000000000000000000000000000000000000000000010p196", 1.0),
        ];
        for &(text, value) in cases {
            assert_eq!(parse_f64(text.as_bytes()), Some(value), "{text}");
        }
        assert!(parse_f64(b"-0").is_some_and(|zero| zero == 0.0 && zero.is_sign_negative()));
    }

    #[test]
    fn rejects_what_redis_rejects() {
        let cases = [
            "",
            "-",
            "+",
            ".",
            "+-1",
            "1e",
            "1e+",
            "e5",
            "1_0",
            "1,0",
            "1f",
            "infi",
            "inf0",
            "nan",
            "-nan",
            "nan(1)",
            " 1",
            "1 ",
            "1\0",
            "\t1",
            "1\n",
            "0x",
            "0xg",
            "0x1g",
            "0x1p",
            "0x1p+",
            "0x.p1",
            "0x1.1.1",
            "1..2",
            "1e1.5",
            "1e400",
            "-1e400",
            "1e-400",
            "2e-324",
            "1.7976931348623159e308",
            "0x1p1024",
            "0x1p-1075",
            "0x1.fffffffffffff8p1023",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "0x1p-99999999999999999999",
            "\u{661}",
        ];
        for text in cases {
            assert_eq!(parse_f64(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse_f64(b"1\xff"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text: Vec<u8>) {
            let _ = parse_f64(&text);
        }

        #[test]
        fn hexadecimal_round_trip(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let fraction = bits & ((1 << 52) - 1);
            let biased = (bits >> 52 & 0x7ff) as i32;
            let (lead, exponent) = if biased == 0 { (0, -1022) } else { (1, biased - 1023) };
            let sign = if value.is_sign_negative() { "-" } else { "" };
            let text = format!("{sign}0x{lead}.{fraction:013x}p{exponent}");
            prop_assert_eq!(parse_f64(text.as_bytes()).map(f64::to_bits), Some(bits));
        }
    }
}
