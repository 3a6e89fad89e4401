//! Doubles to text with a fixed number of digits.

use std::fmt::Write as _;

/// Significant digits that tell all doubles apart.
const DIGITS: i32 = 17;

/// Appends `value` with 17 significant digits, zeros at the end left out, as C's `%.17g` does: what ZSCAN shows of a
/// large sorted set, and Redis before version 4 wrote to files.
pub fn push_f64_digits(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return super::push_f64(out, value);
    }
    let scientific = format!("{value:.*e}", DIGITS as usize - 1);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..DIGITS).contains(&exponent) {
        let decimals = (DIGITS - 1 - exponent) as usize;
        let fixed = format!("{value:.decimals$}");
        out.extend_from_slice(without_zeros(&fixed).as_bytes());
        return;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let mut text = without_zeros(digits).to_owned();
    // Writing to a string never fails.
    let _ = write!(text, "e{sign}{:02}", exponent.unsigned_abs());
    out.extend_from_slice(text.as_bytes());
}

/// A number without the zeros at the end of its fraction, and without a point that nothing follows.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `printf "%.17g"` prints.
    #[test]
    fn prints_what_printf_prints() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1.5, "1.5"),
            (0.1, "0.10000000000000001"),
            (-2.3, "-2.2999999999999998"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.00001, "1.0000000000000001e-05"),
            (1e100, "1e+100"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            let mut out = Vec::new();
            push_f64_digits(&mut out, value);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
