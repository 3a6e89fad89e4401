//! Ziplists: how short lists, hashes and sorted sets were stored before listpacks.
//!
//! ```text
//! bytes: u32 LE | offset of the last entry: u32 LE | entries: u16 LE, 65535 = count them | entries | 0xFF
//!
//! entry    length of the entry before it (1 byte, or 0xFE and 4 bytes LE) | head | payload
//! head
//!   00llllll                         string of up to 63 bytes
//!   01llllll llllllll                string of up to 16383 bytes, high bits first
//!   10xxxxxx + u32 BE                any longer string
//!   11000000 / 11010000 / 11100000   16, 32, 64-bit integer, LE, in the payload
//!   11110000 / 11111110              24, 8-bit integer
//!   1111vvvv                         the integer v - 1, v being 1 to 13
//! ```

use structs::packed::Item;

const HEADER: usize = 10;
const END: u8 = 0xFF;
const LONG_BEFORE: u8 = 0xFE;
const COUNT_UNKNOWN: u16 = u16::MAX;

/// Shows the values of a ziplist to `each`, after checking every length of each. `None` when it is broken, after some
/// of the values perhaps.
pub(crate) fn for_each(bytes: &[u8], mut each: impl FnMut(Item<'_>)) -> Option<()> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let [size @ .., _, _, _, _, count_low, count_high] = header;
    let tail = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let (&END, mut entries) = rest.split_last()? else { return None };
    if u32::from_le_bytes(*size) as usize != bytes.len() {
        return None;
    }
    let (mut count, mut before, mut at) = (0usize, 0, HEADER);
    let mut last = HEADER;
    while !entries.is_empty() {
        let (item, size) = entry(entries, before)?;
        each(item);
        count += 1;
        (before, last) = (size, at);
        at += size;
        entries = &entries[size..];
    }
    let declared = u16::from_le_bytes([*count_low, *count_high]);
    let counted = declared == COUNT_UNKNOWN || usize::from(declared) == count;
    (counted && tail == last).then_some(())
}

/// The first entry, whose predecessor has `before` bytes: its value and its size.
fn entry(bytes: &[u8], before: usize) -> Option<(Item<'_>, usize)> {
    let (declared, rest) = match bytes.split_first()? {
        (&LONG_BEFORE, rest) => {
            let (size, rest) = rest.split_first_chunk()?;
            (u32::from_le_bytes(*size) as usize, rest)
        }
        (&END, _) => return None,
        (&size, rest) => (usize::from(size), rest),
    };
    let (item, rest) = value(rest)?;
    (declared == before).then_some((item, bytes.len() - rest.len()))
}

/// The value at the start, and what follows it.
fn value(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let (&head, rest) = bytes.split_first()?;
    let string =
        |len: usize, rest| <[u8]>::split_at_checked(rest, len).map(|(text, rest)| (Item::Bytes(text), rest));
    match head {
        0..0x40 => string(usize::from(head), rest),
        0x40..0x80 => {
            let (&low, rest) = rest.split_first()?;
            string(usize::from(head & 0x3F) << 8 | usize::from(low), rest)
        }
        0x80..0xC0 => {
            let (len, rest) = rest.split_first_chunk()?;
            string(u32::from_be_bytes(*len) as usize, rest)
        }
        0xC0 => rest.split_first_chunk().map(|(int, rest)| (i16::from_le_bytes(*int).into(), rest)).map(int),
        0xD0 => rest.split_first_chunk().map(|(int, rest)| (i32::from_le_bytes(*int).into(), rest)).map(int),
        0xE0 => rest.split_first_chunk().map(|(int, rest)| (i64::from_le_bytes(*int), rest)).map(int),
        0xF0 => rest.split_first_chunk().map(|(int, rest)| (int_24(*int), rest)).map(int),
        0xF1..=0xFD => Some(int((i64::from(head & 0x0F) - 1, rest))),
        0xFE => rest.split_first_chunk().map(|(int, rest)| (i8::from_le_bytes(*int).into(), rest)).map(int),
        _ => None,
    }
}

fn int((value, rest): (i64, &[u8])) -> (Item<'_>, &[u8]) {
    (Item::Int(value), rest)
}

fn int_24([low, middle, high]: [u8; 3]) -> i64 {
    i64::from(i32::from_le_bytes([0, low, middle, high]) >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut texts = Vec::new();
        for_each(bytes, |item| texts.push(item.to_vec()))?;
        Some(texts)
    }

    /// Entries of every form, framed as a ziplist.
    fn sample() -> (Vec<u8>, Vec<Vec<u8>>) {
        let long = vec![b'x'; 300];
        let longer = vec![b'y'; 20_000];
        let forms: Vec<(Vec<u8>, Vec<u8>)> = vec![
            (b"\x02ab".to_vec(), b"ab".to_vec()),
            ([b"\x41\x2C", long.as_slice()].concat(), long),
            ([b"\x80\x00\x00\x4E\x20", longer.as_slice()].concat(), longer),
            (b"\xC0\x00\x80".to_vec(), b"-32768".to_vec()),
            (b"\xD0\x00\x00\x00\x80".to_vec(), b"-2147483648".to_vec()),
            (b"\xE0\x00\x00\x00\x00\x00\x00\x00\x80".to_vec(), b"-9223372036854775808".to_vec()),
            (b"\xF0\x00\x00\x80".to_vec(), b"-8388608".to_vec()),
            (b"\xFE\x80".to_vec(), b"-128".to_vec()),
            (b"\xF1".to_vec(), b"0".to_vec()),
            (b"\xFD".to_vec(), b"12".to_vec()),
        ];
        let (mut entries, mut before, mut last) = (Vec::new(), 0, HEADER);
        for (form, _) in &forms {
            last = HEADER + entries.len();
            let start = entries.len();
            match u8::try_from(before) {
                Ok(before) if before < LONG_BEFORE => entries.push(before),
                _ => {
                    entries.push(LONG_BEFORE);
                    entries.extend_from_slice(&(before as u32).to_le_bytes());
                }
            }
            entries.extend_from_slice(form);
            before = entries.len() - start;
        }
        let mut bytes = ((HEADER + entries.len() + 1) as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(&(last as u32).to_le_bytes());
        bytes.extend_from_slice(&(forms.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&entries);
        bytes.push(END);
        (bytes, forms.into_iter().map(|(_, text)| text).collect())
    }

    #[test]
    fn every_form_of_entry_is_read() {
        let (bytes, expected) = sample();
        assert_eq!(texts(&bytes), Some(expected));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let (bytes, _) = sample();
        for cut in (0..bytes.len()).step_by(7) {
            assert!(texts(&bytes[..cut]).is_none(), "cut at {cut}");
        }
        for at in [0, 4, 8, 10, 11, 14, 15, bytes.len() - 1] {
            let mut broken = bytes.clone();
            broken[at] ^= 0x11;
            assert!(texts(&broken).is_none(), "byte {at}");
        }
    }
}
