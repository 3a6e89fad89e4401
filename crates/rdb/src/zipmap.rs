//! Zipmaps: how short hashes were stored before ziplists.
//!
//! ```text
//! pairs: u8, 254 or more = count them | field | value | field | value | ... | 0xFF
//!
//! field   length | bytes
//! value   length | unused bytes: u8 | bytes | as many unused bytes
//! length  1 byte below 254, or 254 and u32 LE
//! ```

const COUNT_UNKNOWN: u8 = 254;
const LONG: u8 = 254;
const END: u8 = 255;

/// Shows the fields of a zipmap with their values to `each`, after checking every length. `None` when it is broken,
/// after some of the fields perhaps.
pub(crate) fn for_each(bytes: &[u8], mut each: impl FnMut(&[u8], &[u8])) -> Option<()> {
    let (&declared, mut rest) = bytes.split_first()?;
    let mut count = 0usize;
    while rest != [END] {
        let (field, after) = text(rest, 0)?;
        let (value, after) = text(after, 1)?;
        each(field, value);
        count += 1;
        rest = after;
    }
    (declared >= COUNT_UNKNOWN || usize::from(declared) == count).then_some(())
}

/// The string at the start, behind whose length there are `unused_marks` numbers of unused bytes; and what follows it.
fn text(bytes: &[u8], unused_marks: usize) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match bytes.split_first()? {
        (&LONG, rest) => {
            let (len, rest) = rest.split_first_chunk()?;
            (u32::from_le_bytes(*len) as usize, rest)
        }
        (&END, _) => return None,
        (&len, rest) => (usize::from(len), rest),
    };
    let (unused, rest) = rest.split_at_checked(unused_marks)?;
    let (text, rest) = rest.split_at_checked(len)?;
    let unused = unused.first().map_or(0, |unused| usize::from(*unused));
    Some((text, rest.get(unused..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut pairs = Vec::new();
        for_each(bytes, |field, value| pairs.push((field.to_vec(), value.to_vec())))?;
        Some(pairs)
    }

    #[test]
    fn short_and_long_strings_are_read() {
        let long = vec![b'x'; 300];
        let bytes = [b"\x02\x01f\x01\x02v--\x05field\xFE\x2C\x01\0\0\0", &long[..], b"\xFF"].concat();
        let expected = vec![(b"f".to_vec(), b"v".to_vec()), (b"field".to_vec(), long)];
        assert_eq!(pairs(&bytes), Some(expected));
        assert_eq!(pairs(b"\x00\xFF"), Some(Vec::new()));
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        let sound = b"\x01\x01f\x01\x02v--\xFF";
        assert!(pairs(sound).is_some());
        for cut in 0..sound.len() {
            assert_eq!(pairs(&sound[..cut]), None, "cut at {cut}");
        }
        for (at, byte) in [(0, 2), (1, 9), (3, 200), (4, 3)] {
            let mut broken = sound.to_vec();
            broken[at] = byte;
            assert_eq!(pairs(&broken), None, "byte {at}");
        }
    }
}
