//! Annotations: lines that a server which doesn't know them passes over.
//!
//! ```text
//! #TS:1628217470\r\n                    what follows happened in this second (as Redis writes it)
//! #CRC64:90ad0d7c1a5c3f42 137\r\n       the checksum of the 137 bytes before this line (Redstart's own)
//! #CRC64:0000000000000000 0\r\n         from here on every byte has a checksum
//! ```
//!
//! The bytes under a checksum begin where the line of the one before ends, so that none is left out; a line without bytes
//! begins anew. The checksum is that of RDB files, CRC-64 with the Jones polynomial.

use base::crc64::crc64;

/// An annotation that means something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Annotation {
    /// The second, since the epoch, in which what follows happened.
    Second(i64),
    /// A checksum.
    Seal(Seal),
    /// A line that begins like a checksum's but doesn't go on like one.
    BrokenSeal,
    /// Unused space, or a line of somebody else.
    Other,
}

/// A checksum of the bytes before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seal {
    /// The checksum.
    pub crc: u64,
    /// How many bytes it is of.
    pub len: u64,
}

const SECOND: &[u8] = b"#TS:";
const SEAL: &[u8] = b"#CRC64:";
const CRC_DIGITS: usize = 16;

impl Annotation {
    /// What a whole line, its end included, says.
    pub fn parse(line: &[u8]) -> Annotation {
        let text = line.strip_suffix(b"\r\n");
        if let Some(text) = text.and_then(|text| text.strip_prefix(SECOND)) {
            return base::num::parse_i64(text).map_or(Annotation::Other, Annotation::Second);
        }
        if line.starts_with(SEAL) {
            let text = text.and_then(|text| text.strip_prefix(SEAL));
            return text.and_then(parse_seal).map_or(Annotation::BrokenSeal, Annotation::Seal);
        }
        Annotation::Other
    }
}

fn parse_seal(text: &[u8]) -> Option<Seal> {
    let (digits, rest) = text.split_at_checked(CRC_DIGITS)?;
    let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let digits = digits.iter().all(digit).then_some(digits)?;
    let crc = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some(Seal { crc, len: base::num::parse_u64(rest.strip_prefix(b" ")?)? })
}

/// Appends the line of a second, since the epoch.
pub fn push_second(out: &mut Vec<u8>, second: i64) {
    out.extend_from_slice(format!("#TS:{second}\r\n").as_bytes());
}

/// The bytes since the last seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unsealed {
    crc: u64,
    len: u64,
}

impl Unsealed {
    /// Further bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.crc = crc64(self.crc, bytes);
        self.len += bytes.len() as u64;
    }

    /// The checksum of the bytes so far.
    pub fn seal(&self) -> Seal {
        Seal { crc: self.crc, len: self.len }
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Seal {
    /// Appends the line.
    pub fn push(self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("#CRC64:{:016x} {}\r\n", self.crc, self.len).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_written() {
        let mut line = Vec::new();
        push_second(&mut line, 1_628_217_470);
        assert_eq!(line, b"#TS:1628217470\r\n");
        assert_eq!(Annotation::parse(&line), Annotation::Second(1_628_217_470));
        let mut unsealed = Unsealed::default();
        unsealed.add(b"1234");
        unsealed.add(b"56789");
        line.clear();
        unsealed.seal().push(&mut line);
        assert_eq!(line, b"#CRC64:e9c6d914c4b8d9ca 9\r\n");
        assert_eq!(Annotation::parse(&line), Annotation::Seal(unsealed.seal()));
    }

    #[test]
    fn other_lines_mean_nothing() {
        for line in ["#\r\n", "####\n", "#TS:x\r\n", "#TS:5\n", "#TSX:5\r\n", "#CRC:5\r\n"] {
            assert_eq!(Annotation::parse(line.as_bytes()), Annotation::Other, "{line}");
        }
        for rest in [
            "",
            "e9c6d914c4b8d9ca",
            "e9c6d914c4b8d9ca x",
            "E9c6d914c4b8d9ca 9",
            "e9c6d914c4b8d9ca 9 ",
            "+9c6d914c4b8d9ca 9",
        ] {
            assert_eq!(
                Annotation::parse(format!("#CRC64:{rest}\r\n").as_bytes()),
                Annotation::BrokenSeal,
                "{rest}"
            );
        }
        assert_eq!(Annotation::parse(b"#CRC64:e9c6d914c4b8d9ca 9\n"), Annotation::BrokenSeal);
    }
}
