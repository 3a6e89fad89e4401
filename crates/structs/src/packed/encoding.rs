//! The bytes of one listpack element: how a value becomes an element and back.
//!
//! ```text
//! +--------+---------+---------+
//! | head   | payload | backlen |      backlen counts head + payload and is read from the right
//! +--------+---------+---------+
//!
//! head (first byte, in bits)          payload
//!   0vvvvvvv                          none          integer 0..=127
//!   10llllll                          l bytes       string of up to 63 bytes
//!   110vvvvv vvvvvvvv                 none          13-bit two's complement integer, high bits first
//!   1110llll llllllll                 l bytes       string of up to 4095 bytes, high bits first
//!   11110000 + u32 LE length          length bytes  any longer string
//!   11110001 / ..10 / ..11 / ..100    2/3/4/8       16/24/32/64-bit two's complement integer, LE
//! ```
//!
//! The format is Redis' listpack, as found in DUMP payloads and RDB files. A *bare* element is one without its backlen,
//! for sequences that are never walked backwards element by element.

use base::num::parse_i64;

use super::item::Item;

const STR_6: u8 = 0b1000_0000;
const INT_13: u8 = 0b1100_0000;
const STR_12: u8 = 0b1110_0000;
const STR_32: u8 = 0xF0;
const INT_16: u8 = 0xF1;
const INT_24: u8 = 0xF2;
const INT_32: u8 = 0xF3;
const INT_64: u8 = 0xF4;

/// Whether elements have a backlen.
const LINKED: bool = true;
const BARE: bool = false;

/// Longest head: the marker and eight bytes of a 64-bit integer.
const HEAD_MAX: usize = 9;
/// Longest backlen: five groups of seven bits.
const BACKLEN_MAX: usize = 5;

/// A value in its element form, ready to be copied into a buffer.
pub(crate) struct Encoded<'a> {
    head: [u8; HEAD_MAX],
    head_len: u8,
    back: [u8; BACKLEN_MAX],
    back_len: u8,
    payload: &'a [u8],
}

impl<'a> Encoded<'a> {
    /// Encodes a value, as an integer when it is the canonical text of an `i64`.
    #[inline]
    pub(crate) fn new(value: &'a [u8]) -> Self {
        match parse_i64(value) {
            Some(int) => Self::int(int),
            None => Self::string(value),
        }
    }

    /// Encodes an integer in the fewest bytes.
    pub(crate) fn int(value: i64) -> Self {
        let mut head = [0; HEAD_MAX];
        let head_len = write_int_head(&mut head, value);
        Self::with_head(head, head_len, &[])
    }

    /// Encodes a value as a string, whatever it holds.
    #[inline]
    fn string(value: &'a [u8]) -> Self {
        let mut head = [0; HEAD_MAX];
        let len = value.len();
        let head_len = if len < 1 << 6 {
            head[0] = STR_6 | len as u8;
            1
        } else if len < 1 << 12 {
            head[0] = STR_12 | (len >> 8) as u8;
            head[1] = len as u8;
            2
        } else {
            head[0] = STR_32;
            head[1..5].copy_from_slice(&(len as u32).to_le_bytes());
            5
        };
        Self::with_head(head, head_len, value)
    }

    #[inline]
    fn with_head(head: [u8; HEAD_MAX], head_len: usize, payload: &'a [u8]) -> Self {
        let (back, back_len) = encode_backlen(head_len + payload.len());
        Self { head, head_len: head_len as u8, back, back_len: back_len as u8, payload }
    }

    /// Bytes the element takes in a buffer.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.head_len as usize + self.payload.len() + self.back_len as usize
    }

    /// Appends the element to `out` without its backlen.
    #[inline]
    pub(crate) fn append_bare_to(&self, out: &mut Vec<u8>) {
        append_short(out, &self.head, self.head_len as usize);
        out.extend_from_slice(self.payload);
    }

    /// Appends the element to `out`.
    #[inline]
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        append_short(out, &self.head, self.head_len as usize);
        out.extend_from_slice(self.payload);
        append_short(out, &self.back, self.back_len as usize);
    }

    /// The three pieces, in the order they are stored.
    #[inline]
    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        [&self.head[..self.head_len as usize], self.payload, &self.back[..self.back_len as usize]]
    }
}

/// Appends the first `len` of a few bytes: all of them, whose number the compiler knows, and takes the others back.
#[inline]
fn append_short<const N: usize>(out: &mut Vec<u8>, bytes: &[u8; N], len: usize) {
    let end = out.len() + len;
    if out.capacity() - out.len() >= N {
        out.extend_from_slice(bytes);
        out.truncate(end);
    } else {
        out.extend_from_slice(&bytes[..len]);
    }
}

/// Writes the head of an integer element and returns its length.
fn write_int_head(head: &mut [u8; HEAD_MAX], value: i64) -> usize {
    let bytes = value.to_le_bytes();
    let (marker, width) = match value {
        0..=127 => {
            head[0] = value as u8;
            return 1;
        }
        -4096..=4095 => {
            head[0] = INT_13 | ((value >> 8) & 0x1F) as u8;
            head[1] = value as u8;
            return 2;
        }
        -0x8000..=0x7FFF => (INT_16, 2),
        -0x80_0000..=0x7F_FFFF => (INT_24, 3),
        -0x8000_0000..=0x7FFF_FFFF => (INT_32, 4),
        _ => (INT_64, 8),
    };
    head[0] = marker;
    head[1..=width].copy_from_slice(&bytes[..width]);
    width + 1
}

/// Bytes the backlen of an element of `len` bytes takes. The limits are one below the powers of two from the
/// second step on, as Redis writes them.
#[inline]
pub(crate) fn backlen_size(len: usize) -> usize {
    match len {
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    }
}

#[inline]
fn encode_backlen(len: usize) -> ([u8; BACKLEN_MAX], usize) {
    let mut out = [0; BACKLEN_MAX];
    let size = backlen_size(len);
    if size == 1 {
        out[0] = len as u8;
        return (out, 1);
    }
    for (i, byte) in out[..size].iter_mut().enumerate() {
        let group = (len >> (7 * (size - 1 - i))) as u8 & 0x7F;
        *byte = if i == 0 { group } else { group | 0x80 };
    }
    (out, size)
}

/// Appends the backlen of an element of `len` bytes.
#[inline]
pub(crate) fn append_backlen(out: &mut Vec<u8>, len: usize) {
    let (back, size) = encode_backlen(len);
    append_short(out, &back, size);
}

/// Reads the element at the start of `bytes`: its value and its whole size, backlen included.
///
/// `None` when `bytes` is empty, cut short or starts with a byte that opens no element. The backlen itself is
/// not looked at: see [`decode_checked`].
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> Option<(Item<'_>, usize)> {
    decode_as::<LINKED>(bytes)
}

/// Reads the bare element at the start of `bytes`: its value and its size. `None` as in [`decode`].
#[inline]
pub(crate) fn decode_bare(bytes: &[u8]) -> Option<(Item<'_>, usize)> {
    decode_as::<BARE>(bytes)
}

#[inline]
fn decode_as<const BACKLEN: bool>(bytes: &[u8]) -> Option<(Item<'_>, usize)> {
    let first = *bytes.first()?;
    if first < STR_6 {
        let total = 1 + usize::from(BACKLEN);
        return (bytes.len() >= total).then_some((Item::Int(i64::from(first)), total));
    }
    if first < INT_13 {
        let end = 1 + usize::from(first & 0x3F);
        let total = end + usize::from(BACKLEN);
        return (bytes.len() >= total).then(|| (Item::Bytes(&bytes[1..end]), total));
    }
    if first & 0xF0 == STR_12 {
        let end = 2 + len_12(first, *bytes.get(1)?);
        let total = end + if BACKLEN { backlen_size_12(end) } else { 0 };
        return (total <= bytes.len()).then(|| (Item::Bytes(&bytes[2..end]), total));
    }
    let total = size_as::<BACKLEN>(bytes)?;
    Some((decode_wide(first, &bytes[..total])?, total))
}

/// The value of an element of known size that is neither a small integer nor a string of up to 4095 bytes.
fn decode_wide(first: u8, element: &[u8]) -> Option<Item<'_>> {
    Some(match first {
        INT_13..STR_12 => {
            let raw = u16::from_be_bytes([first, *element.get(1)?]);
            // The three bits of the marker make room for the sign.
            Item::Int(i64::from((raw << 3) as i16 >> 3))
        }
        STR_32 => Item::Bytes(element.get(5..5 + u32::from_le_bytes(fixed(element)?) as usize)?),
        INT_16 => Item::Int(i16::from_le_bytes(fixed(element)?).into()),
        INT_24 => {
            let [low, middle, high] = fixed(element)?;
            Item::Int(i64::from(i32::from_le_bytes([0, low, middle, high]) >> 8))
        }
        INT_32 => Item::Int(i32::from_le_bytes(fixed(element)?).into()),
        INT_64 => Item::Int(i64::from_le_bytes(fixed(element)?)),
        _ => return None,
    })
}

/// Whole size of the element at the start of `bytes`, backlen included; `None` as in [`decode`].
#[inline]
pub(crate) fn element_size(bytes: &[u8]) -> Option<usize> {
    size_as::<LINKED>(bytes)
}

/// Size of the bare element at the start of `bytes`; `None` as in [`decode`].
#[inline]
pub(crate) fn bare_size(bytes: &[u8]) -> Option<usize> {
    size_as::<BARE>(bytes)
}

#[inline]
fn size_as<const BACKLEN: bool>(bytes: &[u8]) -> Option<usize> {
    let one = usize::from(BACKLEN);
    let first = *bytes.first()?;
    let total = match first {
        0..STR_6 => 1 + one,
        STR_6..INT_13 => usize::from(first & 0x3F) + 1 + one,
        INT_13..STR_12 => 2 + one,
        STR_12..STR_32 => {
            let end = 2 + len_12(first, *bytes.get(1)?);
            end + if BACKLEN { backlen_size_12(end) } else { 0 }
        }
        INT_16 => 3 + one,
        INT_24 => 4 + one,
        INT_32 => 5 + one,
        INT_64 => 9 + one,
        STR_32 => {
            let end = 5usize.checked_add(u32::from_le_bytes(fixed(bytes)?) as usize)?;
            end.checked_add(if BACKLEN { backlen_size(end) } else { 0 })?
        }
        _ => return None,
    };
    (total <= bytes.len()).then_some(total)
}

/// [`backlen_size`] of a 12-bit string, head included: at most 4097 bytes.
#[inline]
fn backlen_size_12(len: usize) -> usize {
    1 + usize::from(len > 127)
}

/// The length in the head of a 12-bit string.
#[inline]
fn len_12(first: u8, second: u8) -> usize {
    usize::from(first & 0x0F) << 8 | usize::from(second)
}

/// The bytes behind the head's first.
#[inline]
fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.get(1..=N)?.try_into().ok()
}

/// [`decode`] for bytes from outside: also proves that the backlen leads back to the element's start.
pub(crate) fn decode_checked(bytes: &[u8]) -> Option<(Item<'_>, usize)> {
    let (item, total) = decode(bytes)?;
    (element_before(&bytes[..total]) == Some(total)).then_some((item, total))
}

/// Whole size of the element that ends where `bytes` ends. `None` when there is none.
#[inline]
pub(crate) fn element_before(bytes: &[u8]) -> Option<usize> {
    let mut len = 0usize;
    for (i, &byte) in bytes.iter().rev().take(BACKLEN_MAX).enumerate() {
        len |= usize::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            let total = len + i + 1;
            return (total <= bytes.len() && backlen_size(len) == i + 1).then_some(total);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(value: &[u8]) -> Vec<u8> {
        let element = Encoded::new(value);
        let out = element.parts().concat();
        assert_eq!(out.len(), element.len());
        out
    }

    /// Element bytes as a Redis server shows them in DUMP.
    #[test]
    fn elements_are_the_bytes_redis_writes() {
        let cases: [(&[u8], &[u8]); 20] = [
            (b"0", &[0x00, 0x01]),
            (b"127", &[0x7F, 0x01]),
            (b"128", &[0xC0, 0x80, 0x02]),
            (b"-1", &[0xDF, 0xFF, 0x02]),
            (b"4095", &[0xCF, 0xFF, 0x02]),
            (b"4096", &[0xF1, 0x00, 0x10, 0x03]),
            (b"-4096", &[0xD0, 0x00, 0x02]),
            (b"-4097", &[0xF1, 0xFF, 0xEF, 0x03]),
            (b"32768", &[0xF2, 0x00, 0x80, 0x00, 0x04]),
            (b"-32768", &[0xF1, 0x00, 0x80, 0x03]),
            (b"8388607", &[0xF2, 0xFF, 0xFF, 0x7F, 0x04]),
            (b"8388608", &[0xF3, 0x00, 0x00, 0x80, 0x00, 0x05]),
            (b"2147483648", &[0xF4, 0, 0, 0, 0x80, 0, 0, 0, 0, 9]),
            (b"-9223372036854775808", &[0xF4, 0, 0, 0, 0, 0, 0, 0, 0x80, 9]),
            (b"9223372036854775807", &[0xF4, 255, 255, 255, 255, 255, 255, 255, 0x7F, 9]),
            (b"-0", &[0x82, 0x2D, 0x30, 0x03]),
            (b"007", &[0x83, 0x30, 0x30, 0x37, 0x04]),
            (b"", &[0x80, 0x01]),
            (b"1 ", &[0x82, 0x31, 0x20, 0x03]),
            (b"9223372036854775808", b"\x939223372036854775808\x14"),
        ];
        for (value, element) in cases {
            assert_eq!(bytes_of(value), element, "{:?}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn long_strings_have_the_backlen_redis_writes() {
        let cases: [(usize, &[u8], &[u8]); 6] = [
            (125, &[0xE0, 0x7D], &[0x7F]),
            (126, &[0xE0, 0x7E], &[0x01, 0x80]),
            (16376, &[0xF0, 0xF8, 0x3F, 0, 0], &[0x7F, 0xFD]),
            (16377, &[0xF0, 0xF9, 0x3F, 0, 0], &[0x7F, 0xFE]),
            (16378, &[0xF0, 0xFA, 0x3F, 0, 0], &[0x00, 0xFF, 0xFF]),
            (16379, &[0xF0, 0xFB, 0x3F, 0, 0], &[0x01, 0x80, 0x80]),
        ];
        for (len, head, back) in cases {
            let element = bytes_of(&vec![b'a'; len]);
            assert!(element.starts_with(head) && element.ends_with(back), "length {len}");
            assert_eq!(element.len(), head.len() + len + back.len(), "length {len}");
        }
    }

    #[test]
    fn elements_read_back_from_both_ends() {
        let values: [&[u8]; 9] =
            [b"", b"a", b"12", b"-1", b"-4097", b"123456789012", &[7; 63], &[7; 64], &[7; 5000]];
        for value in values {
            let element = bytes_of(value);
            let (item, total) = decode_checked(&element).expect("an element we wrote");
            let mut bare = Vec::new();
            Encoded::new(value).append_bare_to(&mut bare);
            let read = decode_bare(&bare).map(|(item, size)| (item.to_vec(), size));
            assert_eq!(read, Some((value.to_vec(), bare.len())));
            assert_eq!((bare_size(&bare), bare_size(&bare[..bare.len() - 1])), (Some(bare.len()), None));
            let len = bare.len();
            append_backlen(&mut bare, len);
            assert_eq!(bare, element);
            assert_eq!((item.to_vec(), total), (value.to_vec(), element.len()));
            assert_eq!(element_before(&element), Some(element.len()));
            for cut in 0..element.len() {
                assert!(decode(&element[..cut]).is_none(), "cut at {cut}");
            }
        }
    }
}
