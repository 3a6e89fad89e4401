//! What a cell holds, in one word of eight bytes.
//!
//! ```text
//!  63                                                      3   0
//! | signed integer, 61 bits                              | 000 |
//! | sign | exponent - 896, 8 bits | fraction, 52 bits    | 001 |   a double
//! | up to seven bytes                       | length, 5  | 010 |   bits 8 and up, the first byte lowest
//! | offset, 32 bits             | length, 29             | 011 |   among the run's short texts
//! | number, 32 bits             | 0                      | 100 |   of one of the run's long texts
//! ```
//!
//! Doubles of ordinary size (10^-38 to 10^38) need 8 of the 11 bits of their exponent, so they keep all digits beside a
//! tag of three bits: the idea of Ruby's flonums. All others stay texts. So does every text that an integer or a double
//! wouldn't print byte for byte.

use base::num::{F64Buffer, parse_f64, parse_i64};

const TAG_BITS: u32 = 3;
const TAG_MASK: u64 = (1 << TAG_BITS) - 1;
const INTEGER: u64 = 0;
const DOUBLE: u64 = 1;
const INLINE: u64 = 2;
const SHORT: u64 = 3;
const LONG: u64 = 4;

/// The longest text that lies in a word.
pub(super) const INLINE_MAX: usize = 7;
/// The longest texts that may be those of integers and doubles.
const INTEGER_TEXT_MAX: usize = 20;
const DOUBLE_TEXT_MAX: usize = 24;

const FRACTION_BITS: u32 = 52;
/// The exponents that fit are this one and the 255 behind it.
const FIRST_EXPONENT: u64 = 1023 - 127;
const SIGN: u64 = 1 << 63;

/// A cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(u64);

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content {
    Integer(i64),
    Double(f64),
    Inline(Inline),
    Short { offset: usize, len: usize },
    Long(u32),
}

/// A text of a few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inline {
    bytes: [u8; 8],
    len: usize,
}

impl Inline {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Word {
    /// The word of a text that needs no more than a word.
    #[inline]
    pub(super) fn of(text: &[u8]) -> Option<Word> {
        if text.len() <= INTEGER_TEXT_MAX
            && let Some(word) = parse_i64(text).and_then(Word::integer)
        {
            return Some(word);
        }
        if text.len() <= INLINE_MAX {
            return Some(Word::inline(text));
        }
        Word::double(text)
    }

    fn integer(value: i64) -> Option<Word> {
        let word = value << TAG_BITS;
        (word >> TAG_BITS == value).then_some(Word(word as u64 | INTEGER))
    }

    fn inline(text: &[u8]) -> Word {
        let mut bytes = [0; 8];
        bytes[1..=text.len()].copy_from_slice(text);
        Word(u64::from_le_bytes(bytes) | (text.len() as u64) << TAG_BITS | INLINE)
    }

    fn double(text: &[u8]) -> Option<Word> {
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e');
        if text.len() > DOUBLE_TEXT_MAX || !text.iter().all(is_number) {
            return None;
        }
        let value = parse_f64(text)?;
        let bits = value.to_bits();
        let exponent =
            (bits >> FRACTION_BITS & 0x7FF).checked_sub(FIRST_EXPONENT).filter(|&it| it < 0x100)?;
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let word = bits & SIGN | (exponent << FRACTION_BITS | fraction) << TAG_BITS | DOUBLE;
        (F64Buffer::new().format(value) == text).then_some(Word(word))
    }

    /// The word of a short text at an offset.
    pub(super) fn short(offset: usize, len: usize) -> Word {
        Word((offset as u64) << 32 | (len as u64) << TAG_BITS | SHORT)
    }

    /// The word of a long text with a number.
    pub(super) fn long(number: u32) -> Word {
        Word(u64::from(number) << 32 | LONG)
    }

    #[inline]
    pub(super) fn content(self) -> Content {
        let Word(word) = self;
        match word & TAG_MASK {
            INTEGER => Content::Integer(word as i64 >> TAG_BITS),
            DOUBLE => {
                let magnitude = ((word & !SIGN) >> TAG_BITS) + (FIRST_EXPONENT << FRACTION_BITS);
                Content::Double(f64::from_bits(word & SIGN | magnitude))
            }
            INLINE => {
                let [head, text @ ..] = word.to_le_bytes();
                let mut bytes = [0; 8];
                bytes[..INLINE_MAX].copy_from_slice(&text);
                Content::Inline(Inline { bytes, len: usize::from(head >> TAG_BITS).min(INLINE_MAX) })
            }
            SHORT => Content::Short {
                offset: (word >> 32) as usize,
                len: ((word & u64::from(u32::MAX)) >> TAG_BITS) as usize,
            },
            _ => Content::Long((word >> 32) as u32),
        }
    }
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.content().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text of a word, and what it is held as.
    fn printed(word: Word) -> (Vec<u8>, &'static str) {
        match word.content() {
            Content::Integer(value) => (value.to_string().into_bytes(), "integer"),
            Content::Double(value) => (F64Buffer::new().format(value).to_vec(), "double"),
            Content::Inline(text) => (text.bytes().to_vec(), "inline"),
            other => panic!("{other:?} lies elsewhere"),
        }
    }

    #[test]
    fn texts_are_held_as_what_prints_them() {
        let cases = [
            ("", "inline"),
            ("0", "integer"),
            ("-0", "inline"),
            ("007", "inline"),
            ("1.5", "inline"),
            ("seven b", "inline"),
            ("-1152921504606846976", "integer"),
            ("1152921504606846975", "integer"),
            ("1152921504606846976", "double"),
            ("1152921504606846977", "text"),
            ("9223372036854775807", "text"),
            ("3.141592653589793", "double"),
            ("-3.141592653589793", "double"),
            ("3.1415926535897931", "text"),
            ("1.25000000", "text"),
            ("+12345.678", "text"),
            ("12345678.5", "double"),
            ("1.2345678e-39", "text"),
            ("1.2345678e-38", "double"),
            ("-1.2345678e-300", "text"),
            ("Infinity", "text"),
            ("eight by", "text"),
        ];
        for (text, form) in cases {
            let held = Word::of(text.as_bytes()).map_or((text.as_bytes().to_vec(), "text"), printed);
            assert_eq!(held, (text.as_bytes().to_vec(), form));
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop_oneof![
            any::<i64>().prop_map(|value| value.to_string()),
            any::<f64>().prop_map(|value| value.to_string()),
            (-1e9..1e9).prop_map(|value: f64| value.to_string()),
            any::<f32>().prop_map(|value| format!("{value:e}")),
            "[-+0-9.e]{0,12}",
            ".{0,3}",
        ]) {
            if let Some(word) = Word::of(text.as_bytes()) {
                prop_assert_eq!(printed(word).0, text.into_bytes());
            }
        }

        #[test]
        fn places_come_back(offset in 0usize..1 << 32, len in 0usize..1 << 29, number: u32) {
            prop_assert_eq!(Word::short(offset, len).content(), Content::Short { offset, len });
            prop_assert_eq!(Word::long(number).content(), Content::Long(number));
        }
    }
}
