//! The lines that announce a number: `*<count>\r\n` and `$<length>\r\n`.
//!
//! As in Redis the byte after `\r` isn't looked at.

/// A header line, or what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// The number, and the offset of what follows the line.
    Complete(i64, usize),
    /// More bytes are needed; so many from the start of the line hold no `\r`.
    Partial(usize),
    /// More than the allowed number of bytes without `\r`.
    Endless,
    /// A line without the expected mark; its first byte.
    Unmarked(u8),
    /// The mark is followed by something that isn't a canonical number.
    NotANumber,
}

/// Most digits of a number that the fast path reads: one more still fits in 32 bits.
const FAST_DIGITS: usize = 8;

/// Reads the line at the start of `line`, the first `searched` bytes of which are known to hold no `\r`.
#[inline]
pub(super) fn read(line: &[u8], mark: u8, searched: usize, max_line: usize) -> Header {
    read_short(line, mark).unwrap_or_else(|| read_any(line, mark, searched, max_line))
}

/// The number (below 100) and the length of the line at the start of `bytes`: what nearly every line is, told from
/// its first four bytes. The eight bytes that must be there are more than the line.
#[inline]
pub(super) fn read_tiny(bytes: &[u8], mark: u8) -> Option<(u32, usize)> {
    let &[first, a, b, c, ..] = bytes.first_chunk::<8>()?;
    let (tens, ones) = (u32::from(a.wrapping_sub(b'0')), u32::from(b.wrapping_sub(b'0')));
    if first != mark || tens > 9 {
        return None;
    }
    if b == b'\r' {
        return Some((tens, 4));
    }
    (c == b'\r' && ones <= 9 && tens > 0).then_some((tens * 10 + ones, 5))
}

/// The complete, well-formed line with a small number: all that a client library ever sends.
#[inline]
fn read_short(line: &[u8], mark: u8) -> Option<Header> {
    let (&first, digits) = line.split_first()?;
    let mut value = u32::from(digits.first()?.wrapping_sub(b'0'));
    if first != mark || value > 9 {
        return None;
    }
    for at in 1..=FAST_DIGITS {
        match *digits.get(at)? {
            b'\r' if at + 1 < digits.len() => return Some(Header::Complete(i64::from(value), at + 3)),
            byte @ b'0'..=b'9' if value != 0 => value = value * 10 + u32::from(byte - b'0'),
            _ => return None,
        }
    }
    None
}

#[cold]
fn read_any(line: &[u8], mark: u8, searched: usize, max_line: usize) -> Header {
    let window = &line[..line.len().min(max_line + 1)];
    let Some(end) = memchr::memchr(b'\r', &window[searched..]).map(|at| searched + at) else {
        return if line.len() > max_line { Header::Endless } else { Header::Partial(line.len()) };
    };
    if end + 1 >= line.len() {
        return Header::Partial(end);
    }
    if line[0] != mark {
        return Header::Unmarked(line[0]);
    }
    base::num::parse_i64(&line[1..end]).map_or(Header::NotANumber, |value| Header::Complete(value, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_the_general_one(line in "[*$]?[-+]?[0-9]{0,12}[\r\nx]{0,3}") {
            let padded = format!("{line}........");
            if let Some((number, len)) = read_tiny(padded.as_bytes(), b'$') {
                let header = read_any(padded.as_bytes(), b'$', 0, 100);
                prop_assert_eq!(header, Header::Complete(i64::from(number), len));
            }
            if let Some(header) = read_short(line.as_bytes(), b'$') {
                prop_assert_eq!(header, read_any(line.as_bytes(), b'$', 0, 100));
            }
        }
    }
}
