//! Helpers for byte strings that people read and write: names in any case, amounts of memory.

use std::io::Write as _;

/// Whether two byte strings are equal but for the case of ASCII letters.
#[inline]
pub fn eq_ignore_case(left: &[u8], right: &[u8]) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Appends an amount of memory the way INFO prints it: `512B`, `1.50K`, `1.50M`, ... up to `P`.
pub fn push_human_bytes(out: &mut Vec<u8>, bytes: u64) {
    const UNITS: [(u64, char); 5] =
        [(1 << 50, 'P'), (1 << 40, 'T'), (1 << 30, 'G'), (1 << 20, 'M'), (1 << 10, 'K')];
    let written = match UNITS.iter().find(|&&(size, _)| bytes >= size) {
        Some(&(size, letter)) => write!(out, "{:.2}{letter}", bytes as f64 / size as f64),
        None => write!(out, "{bytes}B"),
    };
    debug_assert!(written.is_ok(), "writing to a Vec cannot fail");
}

/// Parses an amount of memory: digits, then `b`, `k`, `kb`, `m`, `mb`, `g` or `gb` in any case, or nothing.
///
/// `k` is 1000 and `kb` is 1024, and so on. No digits mean 0, as in Redis, and an amount beyond 64 bits is the largest
/// there is. `None` for other units, signs and spaces.
pub fn parse_memory(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, unit) = text.split_at(digits);
    let factor = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1000 * 1000,
        b"mb" => 1 << 20,
        b"g" => 1000 * 1000 * 1000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    let amount = digits
        .iter()
        .fold(0_u64, |amount, byte| amount.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
    Some(amount.saturating_mul(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn human_bytes() {
        let cases = [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (1536, "1.50K"),
            (1_572_864, "1.50M"),
            (1 << 30, "1.00G"),
            (3 << 39, "1.50T"),
            (1 << 50, "1.00P"),
            (u64::MAX, "16384.00P"),
        ];
        for (bytes, text) in cases {
            let mut out = Vec::new();
            push_human_bytes(&mut out, bytes);
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn memory() {
        let good = [
            ("", 0),
            ("b", 0),
            ("mb", 0),
            ("0", 0),
            ("007", 7),
            ("1b", 1),
            ("10k", 10_000),
            ("1kb", 1024),
            ("1KB", 1024),
            ("2m", 2_000_000),
            ("64mb", 64 << 20),
            ("1g", 1_000_000_000),
            ("1gB", 1 << 30),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", u64::MAX),
            ("17179869184gb", u64::MAX),
        ];
        for (text, bytes) in good {
            assert_eq!(parse_memory(text.as_bytes()), Some(bytes), "{text:?}");
        }
        for text in ["-1", "+1", " 1", "1 ", "1 kb", "1.5gb", "1t", "1tb", "1bb", "0x10"] {
            assert_eq!(parse_memory(text.as_bytes()), None, "{text:?}");
        }
    }
}
