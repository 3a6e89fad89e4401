//! The patterns of `KEYS`, `SCAN MATCH`, `PSUBSCRIBE` and `CONFIG GET`.
//!
//! | pattern   | matches                                                        |
//! |-----------|----------------------------------------------------------------|
//! | `*`       | any bytes, also none, of a text that isn't empty               |
//! | `?`       | one byte                                                       |
//! | `[ab-d]`  | one of these bytes; ranges in either direction                 |
//! | `[^a]`    | one byte other than these                                      |
//! | `\x`      | the byte `x`, inside brackets too                              |
//!
//! A missing `]` is assumed at the end of the pattern, a lone backslash there matches itself.

/// Whether letters match only themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `a` matches `a`.
    Sensitive,
    /// `a` matches `a` and `A`.
    Insensitive,
}

/// Whether `pattern` matches the whole of `text`.
///
/// Nothing but the empty pattern matches the empty text, as in Redis: not even `*`, which commands that walk over keys
/// and members therefore don't ask about.
///
/// Takes at most `pattern.len() * text.len()` steps, no memory: after a mismatch only the last `*` seen takes one
/// more byte, since whatever an earlier one could gain by growing, the last one can gain too.
pub fn matches(pattern: &[u8], text: &[u8], case: Case) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let (mut pattern_at, mut text_at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while text_at < text.len() {
        if pattern.get(pattern_at) == Some(&b'*') {
            pattern_at += 1;
            if pattern_at == pattern.len() {
                return true;
            }
            retry = Some((pattern_at, text_at));
            continue;
        }
        if let Some(next) = match_one(pattern, pattern_at, text[text_at], case) {
            (pattern_at, text_at) = (next, text_at + 1);
            continue;
        }
        let Some((after_star, taken)) = retry else { return false };
        (pattern_at, text_at) = (after_star, taken + 1);
        retry = Some((after_star, taken + 1));
    }
    pattern[pattern_at..].iter().all(|&byte| byte == b'*')
}

/// Whether `pattern` has no special byte, so that it matches only itself.
pub fn is_literal(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
}

/// Matches the element at `at` against one byte; the position after the element if it fits.
fn match_one(pattern: &[u8], at: usize, byte: u8, case: Case) -> Option<usize> {
    let (matched, next) = match *pattern.get(at)? {
        b'?' => (true, at + 1),
        b'[' => match_class(pattern, at + 1, byte, case),
        b'\\' if at + 1 < pattern.len() => (same(pattern[at + 1], byte, case), at + 2),
        literal => (same(literal, byte, case), at + 1),
    };
    matched.then_some(next)
}

/// Matches the bracket expression whose first byte is at `at`; also returns the position after it.
fn match_class(pattern: &[u8], mut at: usize, byte: u8, case: Case) -> (bool, usize) {
    let negated = pattern.get(at) == Some(&b'^');
    at += usize::from(negated);
    let mut found = false;
    loop {
        match pattern[at..] {
            [] => break,
            [b']', ..] => {
                at += 1;
                break;
            }
            [b'\\', literal, ..] => {
                found |= same(literal, byte, case);
                at += 2;
            }
            [low, b'-', high, ..] => {
                found |= in_range(low, high, byte, case);
                at += 3;
            }
            [literal, ..] => {
                found |= same(literal, byte, case);
                at += 1;
            }
        }
    }
    (found != negated, at)
}

fn fold(byte: u8, case: Case) -> u8 {
    match case {
        Case::Sensitive => byte,
        Case::Insensitive => byte.to_ascii_lowercase(),
    }
}

fn same(left: u8, right: u8, case: Case) -> bool {
    fold(left, case) == fold(right, case)
}

fn in_range(low: u8, high: u8, byte: u8, case: Case) -> bool {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    (fold(low, case)..=fold(high, case)).contains(&fold(byte, case))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_what_redis_matches() {
        for line in include_str!("../testdata/globs.txt").lines().filter(|line| !line.starts_with('#')) {
            let [pattern, text, expected] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("malformed: {line:?}")
            };
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes(), Case::Sensitive),
                expected == "1",
                "{line}"
            );
        }
    }

    #[test]
    fn ends_and_empty_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", false),
            ("***", "", false),
            ("?", "", false),
            ("[", "", false),
            ("a*", "a", true),
            ("*a", "a", true),
            ("a**", "ab", true),
            ("\\", "\\", true),
            ("a\\", "a", false),
            ("[^", "a", true),
            ("[", "a", false),
            ("[]", "]", false),
            ("[^]", "a", true),
            ("[a-", "-", true),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes(), Case::Sensitive),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn case() {
        for (pattern, text) in
            [("aBc", "AbC"), ("[a-c]", "B"), ("[A-C]", "b"), ("\\A", "a"), ("[\\A]", "a"), ("*Z", "az")]
        {
            assert!(matches(pattern.as_bytes(), text.as_bytes(), Case::Insensitive), "{pattern} {text}");
            assert!(!matches(pattern.as_bytes(), text.as_bytes(), Case::Sensitive), "{pattern} {text}");
        }
    }

    /// With one attempt per way to place the stars this would take longer than the universe has existed.
    #[test]
    fn many_stars_cost_little() {
        let (pattern, text) = ("a*".repeat(500) + "b", "a".repeat(5000));
        assert!(!matches(pattern.as_bytes(), text.as_bytes(), Case::Sensitive));
    }

    #[test]
    fn literals() {
        assert!(is_literal(b"") && is_literal(b"user:1]-^"));
        assert!([&b"a*"[..], b"?", b"[a]", b"a\\b"].iter().all(|pattern| !is_literal(pattern)));
    }

    /// The definition: a star matches nothing, or one byte and then again.
    fn model(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            ([b'*', rest @ ..], text) => {
                model(rest, text) || (!text.is_empty() && model(pattern, &text[1..]))
            }
            (_, []) => false,
            (_, [byte, rest @ ..]) => match_one(pattern, 0, *byte, Case::Sensitive)
                .is_some_and(|next| model(&pattern[next..], rest)),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in r"[*?ab\[\]\\^-]{0,10}", text in r"[ab\]-]{0,10}") {
            let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
            let expected = model(pattern, text) && (!text.is_empty() || pattern.is_empty());
            prop_assert_eq!(matches(pattern, text, Case::Sensitive), expected);
        }

        #[test]
        fn never_panics(pattern: Vec<u8>, text: Vec<u8>) {
            matches(&pattern, &text, Case::Insensitive);
        }
    }
}
