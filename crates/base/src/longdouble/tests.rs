//! 80-bit numbers against recorded results of a real server, and against doubles.

use super::*;
use proptest::prelude::*;

fn text(value: LongDouble) -> String {
    let mut out = Vec::new();
    value.push_text(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What INCRBYFLOAT makes of two texts.
fn increment(left: &str, right: &str) -> String {
    let parse = |text: &str| LongDouble::parse(text.as_bytes());
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) if (left + right).is_finite() => text(left + right),
        (Some(_), Some(_)) => "NOTFINITE".to_owned(),
        _ => "INVALID".to_owned(),
    }
}

#[test]
fn adds_as_redis_adds() {
    for line in include_str!("../../testdata/long_doubles.txt").lines().filter(|line| !line.starts_with('#'))
    {
        let [left, right, sum] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("malformed: {line:?}")
        };
        assert_eq!(increment(left, right), sum, "{left} + {right}");
    }
}

#[test]
fn length_of_the_text_is_limited() {
    assert!(LongDouble::parse(&[b'0'; 5119]).is_some());
    assert!(LongDouble::parse(&[b'0'; 5120]).is_none());
}

#[test]
fn refuses_what_is_not_a_number() {
    for text in [
        "", "-", ".", "+-1", "1e", "1e+", " 1", "1 ", "1\n", "0x", "0x1p", "nan", "infi", "1..2", "1e1.5",
        "e5",
    ] {
        assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn infinities() {
    let (plus, minus) = (LongDouble::from(f64::INFINITY), LongDouble::from(f64::NEG_INFINITY));
    assert!((plus + minus).is_nan() && !(plus + plus).is_nan() && !(plus + plus).is_finite());
    assert_eq!(
        (text(plus), text(minus + LongDouble::from(1.0)), text(plus + minus)),
        ("inf".into(), "-inf".into(), "nan".into())
    );
    assert_eq!(LongDouble::parse(b"-Infinity"), Some(minus));
    assert!(LongDouble::from(f64::NAN).to_f64().is_nan());
}

proptest! {
    #[test]
    fn doubles_convert_exactly(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(!value.is_nan());
        prop_assert_eq!(LongDouble::from(value).to_f64().to_bits(), bits);
    }

    #[test]
    fn integers_print_exactly(value: i64) {
        prop_assert_eq!(text(LongDouble::from(value)), value.to_string());
        prop_assert_eq!(LongDouble::parse(value.to_string().as_bytes()), Some(LongDouble::from(value)));
    }

    #[test]
    fn parsing_rounds_to_the_same_number_by_both_ways(digits in "[1-9][0-9]{0,18}", exponent in -27_i64..=27) {
        let short = format!("{digits}e{exponent}");
        // Zeros that change nothing, but don't fit in a machine word.
        let long = format!("{digits}{}e{}", "0".repeat(40), exponent - 40);
        prop_assert_eq!(LongDouble::parse(short.as_bytes()), LongDouble::parse(long.as_bytes()));
    }

    #[test]
    fn parsing_agrees_with_doubles(value: f64) {
        prop_assume!(value.is_finite());
        // 40 digits determine the double, and the longer significand is then at most one rounding away.
        let exact = format!("{value:.40e}");
        let parsed = LongDouble::parse(exact.as_bytes());
        prop_assert_eq!(parsed.map(LongDouble::to_f64), Some(value));
    }

    #[test]
    fn sums_of_integers_are_exact(left: i64, right: i64) {
        let sum = i128::from(left) + i128::from(right);
        let expected = text(LongDouble::from(left) + LongDouble::from(right));
        prop_assume!(sum.unsigned_abs() < 1 << 64);
        prop_assert_eq!(expected, sum.to_string());
    }

    #[test]
    fn adding_is_commutative_and_reversible_in_sign(left: f64, right: f64) {
        let (a, b) = (LongDouble::from(left), LongDouble::from(right));
        prop_assert_eq!(a + b, b + a);
        let negated = LongDouble::from(-left) + LongDouble::from(-right);
        prop_assert_eq!((a + b).to_f64().abs(), negated.to_f64().abs());
    }

    #[test]
    fn the_order_is_that_of_doubles(left in proptest::num::f64::ANY, right in proptest::num::f64::ANY) {
        let (wide_left, wide_right) = (LongDouble::from(left), LongDouble::from(right));
        prop_assert_eq!(wide_left.partial_cmp(&wide_right), left.partial_cmp(&right));
        prop_assert_eq!((-wide_left).partial_cmp(&-wide_right), right.partial_cmp(&left));
        prop_assert_eq!(wide_left == wide_left, !left.is_nan());
    }

    #[test]
    fn sums_round_once(left in -1e15..1e15_f64, right in -1e15..1e15_f64) {
        // The double sum rounds the exact one; rounding it to 64 bits before may move it by one unit at most.
        let sum = (LongDouble::from(left) + LongDouble::from(right)).to_f64();
        prop_assert!((sum - (left + right)).abs() <= f64::EPSILON * sum.abs());
    }

    #[test]
    fn never_panics(text in "[-+]?[0-9.]{0,30}([eEp][-+]?[0-9]{1,5})?", hexadecimal in "0x[0-9a-f.]{0,40}(p[-+]?[0-9]{1,5})?") {
        for text in [text, hexadecimal] {
            if let Some(value) = LongDouble::parse(text.as_bytes()) {
                let mut out = Vec::new();
                (value + value).push_text(&mut out);
            }
        }
    }
}
