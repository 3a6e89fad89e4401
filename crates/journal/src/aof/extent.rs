//! How far the bytes of a log file go: behind them there may be space that was set aside and never used.
//!
//! ```text
//! records  seal  records  seal  [records]  #########...#########\n
//!                              ^ sealed    ^ end                  ^ length of the file
//! ```
//!
//! Under `appendfsync always` a file is lengthened in advance by hash signs, so that a flush needn't note a new length,
//! and records are written over them. Every server passes over a line of hash signs, so the file is readable at each
//! moment. Each batch of records ends with a seal, and only one batch is on its way to the disk: so what stands between
//! the last seal and unused space is a batch that a loss of power or the end of the process has cut off, perhaps with
//! holes. Nobody was told that it is safe, and it is left out.

use super::annotation::{Annotation, Seal};
use crate::disk::{File, read_full};
use std::io;

/// The most bytes that are written over unused space at once, seal included.
pub const MAX_BATCH: u64 = 1 << 20;
/// Bytes read at once.
const BLOCK: u64 = 64 << 10;
/// Lines that are looked at in search of a seal: values may hold lines that look like seals.
const MAX_CANDIDATES: usize = 1000;
/// The longest seal, in bytes.
const MAX_SEAL: u64 = 48;

/// How far the bytes of a file go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Where the records end.
    pub end: u64,
    /// Bytes behind that are part of a batch that was cut off.
    pub torn: u64,
    /// The length of the file.
    pub len: u64,
}

impl Extent {
    /// Looks at the end of a file.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(file: &dyn File) -> io::Result<Extent> {
        let len = file.len()?;
        let end = used(file, len)?;
        let mut first_unused = [0];
        let set_aside = read_full(file, end, &mut first_unused)? == 1 && first_unused == *b"#";
        let sealed = if set_aside { last_seal(file, end)? } else { None };
        let sealed = sealed.unwrap_or(end);
        Ok(Extent { end: sealed, torn: end - sealed, len })
    }
}

/// The length without the hash signs at the end, and without zeros, which a file system may leave there. A line's end is
/// a part of what precedes it.
fn used(file: &dyn File, len: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK as usize];
    let (mut end, mut ends_line) = (len, false);
    loop {
        let start = end.saturating_sub(BLOCK);
        let count = read_full(file, start, &mut block[..(end - start) as usize])?;
        let unused = |byte: u8| matches!(byte, b'#' | 0);
        for at in (0..count).rev() {
            match block[at] {
                byte if unused(byte) => ends_line = false,
                b'\n' if !ends_line => ends_line = true,
                _ => return Ok(start + at as u64 + 1 + u64::from(ends_line)),
            }
        }
        if start == 0 {
            return Ok(u64::from(ends_line));
        }
        end = start;
    }
}

/// Where the last line with a checksum that is right ends, if there is one that a batch may follow.
fn last_seal(file: &dyn File, end: u64) -> io::Result<Option<u64>> {
    let start = end.saturating_sub(MAX_BATCH + BLOCK);
    let mut tail = vec![0; (end - start) as usize];
    let count = read_full(file, start, &mut tail)?;
    tail.truncate(count);
    let starts_line = |at: usize| if at == 0 { start == 0 } else { tail[at - 1] == b'\n' };
    for at in memchr::memrchr_iter(b'#', &tail).filter(|at| starts_line(*at)).take(MAX_CANDIDATES) {
        let Some(len) = memchr::memchr(b'\n', &tail[at..]) else { continue };
        let Annotation::Seal(seal) = Annotation::parse(&tail[at..=at + len]) else { continue };
        let line_at = start + at as u64;
        if is_right(file, line_at, seal)? {
            return Ok(Some(line_at + len as u64 + 1));
        }
    }
    Ok(None)
}

/// Whether a line at this offset, a word of some value perhaps, is a seal that continues the one before.
fn is_right(file: &dyn File, line_at: u64, seal: Seal) -> io::Result<bool> {
    let Some(from) = line_at.checked_sub(seal.len) else { return Ok(false) };
    if seal.len == 0 {
        return Ok(true);
    }
    Ok(seal.len <= MAX_BATCH && ends_seal(file, from)? && checksum(file, from, seal.len)? == seal.crc)
}

/// Whether a line with a checksum ends at this offset.
fn ends_seal(file: &dyn File, end: u64) -> io::Result<bool> {
    let start = end.saturating_sub(MAX_SEAL);
    let mut bytes = [0; MAX_SEAL as usize];
    let count = read_full(file, start, &mut bytes[..(end - start) as usize])?;
    let line = memchr::memrchr(b'#', &bytes[..count]).map(|at| Annotation::parse(&bytes[at..count]));
    Ok(matches!(line, Some(Annotation::Seal(_))))
}

fn checksum(file: &dyn File, from: u64, len: u64) -> io::Result<u64> {
    let mut bytes = vec![0; len as usize];
    let count = read_full(file, from, &mut bytes)?;
    Ok(base::crc64::crc64(0, &bytes[..count]))
}

#[cfg(test)]
mod tests {
    use super::super::annotation::Unsealed;
    use super::*;

    /// A file in memory that is only read.
    struct Bytes(Vec<u8>);

    impl File for Bytes {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let rest = self.0.get(offset as usize..).unwrap_or_default();
            // In small pieces, as a system may do it.
            let count = rest.len().min(buffer.len()).min(1000);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
        fn write_at(&self, _: u64, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }
        fn truncate(&self, _: u64) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn extent(bytes: &[u8]) -> (u64, u64) {
        let extent = Extent::of(&Bytes(bytes.to_vec())).unwrap();
        assert_eq!(extent.len, bytes.len() as u64);
        (extent.end, extent.torn)
    }

    fn sealed(batches: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"*1\r\n$4\r\nPING\r\n".to_vec();
        Unsealed::default().seal().push(&mut bytes);
        for batch in batches {
            let mut unsealed = Unsealed::default();
            unsealed.add(batch);
            bytes.extend_from_slice(batch);
            unsealed.seal().push(&mut bytes);
        }
        bytes
    }

    fn filler(len: usize) -> Vec<u8> {
        [vec![b'#'; len], b"\n".to_vec()].concat()
    }

    #[test]
    fn unused_space_is_left_out() {
        for (text, end) in [
            ("", 0),
            ("a\r\n", 3),
            ("a\r\n#\n", 3),
            ("a\r\n##\n###\n", 3),
            ("a\r\n###", 3),
            ("a\r\n\0\0", 3),
            ("a\r\n##\n\0\0", 3),
            ("a\r\n\0\n", 3),
            ("###\n", 0),
            ("\n\n", 2),
            ("\n", 1),
            ("a\n", 2),
            ("#a\n", 3),
        ] {
            assert_eq!(extent(text.as_bytes()), (end, 0), "{text:?}");
        }
        for len in [1, 999, 65_535, 65_536, 65_537, 200_000] {
            assert_eq!(extent(&[b"a\r\n".to_vec(), filler(len)].concat()), (3, 0));
            assert_eq!(extent(&filler(len)), (0, 0));
        }
    }

    #[test]
    fn a_batch_that_was_cut_off_is_left_out() {
        let whole = sealed(&[b"first\r\n", b"second\r\n"]);
        let end = whole.len() as u64;
        assert_eq!(extent(&[&whole[..], &filler(5000)].concat()), (end, 0));
        for batch in [
            &b"thi"[..],
            b"thi###rd",
            b"\n#CRC64:e9c6d914c4b8d9ca 9\r\nx",
            b"\n#CRC64:e9c6d914c4b8d9ca 99999999\r\nx",
        ] {
            let bytes = [&whole[..], batch, &filler(5000)].concat();
            assert_eq!(extent(&bytes), (end, batch.len() as u64), "{}", batch.escape_ascii());
        }
    }

    #[test]
    fn without_unused_space_or_seals_nothing_is() {
        let whole = sealed(&[b"first\r\n", b"second\r\n"]);
        let bytes = [&whole[..], b"thi"].concat();
        assert_eq!(extent(&bytes), (bytes.len() as u64, 0));
        let bytes = [&whole[..], b"thi", &[0; 3000]].concat();
        assert_eq!(extent(&bytes), (bytes.len() as u64 - 3000, 0));
        let bytes = [b"first", &filler(3000)[..]].concat();
        assert_eq!(extent(&bytes), (5, 0));
    }
}
