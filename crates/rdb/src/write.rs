//! Writing the elementary parts: lengths and strings, in the forms that [`crate::cursor`] shows.

use crate::cursor::{FORM_INT_8, FORM_INT_16, FORM_INT_32, FORM_LZF, LEN_14, LEN_32, LEN_64};
use crate::lzf::Compressor;

/// Strings up to this length may be integers in disguise.
const INT_TEXT_MAX: usize = 11;
/// Strings up to this length are not worth compressing.
const COMPRESS_FROM: usize = 21;
/// Bytes that compression has to save at least.
const COMPRESS_GAIN: usize = 5;

/// Appends a length or any other unsigned number.
#[inline]
pub(crate) fn number(out: &mut Vec<u8>, number: u64) {
    match number {
        0..0x40 => out.push(number as u8),
        0x40..0x4000 => out.extend_from_slice(&(number as u16 | u16::from(LEN_14) << 8).to_be_bytes()),
        0x4000..=0xFFFF_FFFF => {
            out.push(LEN_32);
            out.extend_from_slice(&(number as u32).to_be_bytes());
        }
        _ => {
            out.push(LEN_64);
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

/// Appends a string as it is.
#[inline]
pub(crate) fn plain(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends an integer as a string.
pub(crate) fn int(out: &mut Vec<u8>, value: i64) {
    let bytes = value.to_le_bytes();
    let (form, width) = match value {
        -0x80..=0x7F => (FORM_INT_8, 1),
        -0x8000..=0x7FFF => (FORM_INT_16, 2),
        -0x8000_0000..=0x7FFF_FFFF => (FORM_INT_32, 4),
        _ => {
            let mut text = Vec::with_capacity(20);
            base::num::push_i64(&mut text, value);
            return plain(out, &text);
        }
    };
    out.push(form);
    out.extend_from_slice(&bytes[..width]);
}

/// Whether a string of so many bytes is written in a compressed form of so many.
pub(crate) fn is_worth_compressing(len: usize, compressed: usize) -> bool {
    compressed + COMPRESS_GAIN <= len
}

/// Appends what stands before the compressed bytes of a string.
pub(crate) fn compressed_head(out: &mut Vec<u8>, compressed: usize, len: usize) {
    out.push(FORM_LZF);
    number(out, compressed as u64);
    number(out, len as u64);
}

/// Writes strings in their shortest form.
pub(crate) struct Strings {
    /// Absent when nothing is to be compressed.
    compressor: Option<Compressor>,
}

impl Strings {
    pub(crate) fn new(compress: bool) -> Self {
        Strings { compressor: compress.then(Compressor::new) }
    }

    /// Appends a string: an integer as such, a longer one compressed if that saves bytes.
    #[inline]
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        if bytes.len() <= INT_TEXT_MAX
            && let Some(value) = base::num::parse_i64(bytes)
        {
            return int(out, value);
        }
        self.push_blob(out, bytes);
    }

    /// Appends a string that is no integer, such as a listpack.
    #[inline]
    pub(crate) fn push_blob(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        let compressed = bytes.len() >= COMPRESS_FROM && self.push_compressed(out, bytes);
        if !compressed {
            plain(out, bytes);
        }
    }

    /// What compresses, if anything is to be compressed.
    pub(crate) fn compressor(&mut self) -> Option<&mut Compressor> {
        self.compressor.as_mut()
    }

    fn push_compressed(&mut self, out: &mut Vec<u8>, bytes: &[u8]) -> bool {
        let Some(compressor) = &mut self.compressor else { return false };
        let Some(compressed) = compressor.compress(bytes, bytes.len() - COMPRESS_GAIN) else { return false };
        compressed_head(out, compressed.len(), bytes.len());
        out.extend_from_slice(compressed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use proptest::prelude::*;

    #[test]
    fn integers_take_few_bytes() {
        let cases: [(&[u8], &[u8]); 8] = [
            (b"0", b"\xC0\x00"),
            (b"-128", b"\xC0\x80"),
            (b"128", b"\xC1\x80\x00"),
            (b"32768", b"\xC2\x00\x80\x00\x00"),
            (b"2147483648", b"\x0A2147483648"),
            (b"-2147483648", b"\xC2\x00\x00\x00\x80"),
            (b"007", b"\x03007"),
            (b"", b"\x00"),
        ];
        for (text, bytes) in cases {
            let mut out = Vec::new();
            Strings::new(true).push(&mut out, text);
            assert_eq!(out, bytes, "{}", String::from_utf8_lossy(text));
        }
    }

    proptest! {
        #[test]
        fn strings_read_back(
            texts in prop::collection::vec(prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                prop::collection::vec(0u8..3, 0..2000),
                any::<i64>().prop_map(|value| value.to_string().into_bytes()),
                any::<i32>().prop_map(|value| value.to_string().into_bytes()),
            ], 0..8),
            compress: bool,
        ) {
            let (mut strings, mut out) = (Strings::new(compress), Vec::new());
            texts.iter().for_each(|text| strings.push(&mut out, text));
            let mut cursor = Cursor::new(&out);
            for text in &texts {
                let read = cursor.string();
                prop_assert_eq!(read.as_deref(), Ok(text.as_slice()));
            }
            prop_assert_eq!(cursor.remaining(), 0);
        }
    }
}
