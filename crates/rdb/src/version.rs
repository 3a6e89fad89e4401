//! Versions of the format: which can be read, which can be written, and what they differ in.

use crate::error::Reason;

/// Whose numbering of types and opcodes a file follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// Redis, and everybody until its version 11.
    #[default]
    Redis,
    /// Valkey from 9.0 on: version 80 and later.
    Valkey,
}

/// Valkey's versions begin here, those of Redis end before.
const VALKEY_FROM: u32 = 80;
/// The oldest version that can be read.
const OLDEST: u32 = 1;
/// The latest versions that can be read: those of Redis 8.8 and Valkey 9.1.
const LATEST_REDIS: u32 = 14;
const LATEST_VALKEY: u32 = 80;

/// What is accepted though it may be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniency {
    /// Versions that nobody knows yet (`rdb-version-check relaxed`): what they have in common with known ones is read.
    pub any_version: bool,
    /// Checksums that don't match, for tests that change payloads.
    pub any_checksum: bool,
}

/// What a file or payload says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its version.
    pub version: u32,
    /// Whose version that is.
    pub flavor: Flavor,
}

impl Header {
    /// What a version number says.
    ///
    /// # Errors
    /// When it isn't one of those that can be read.
    pub fn of_version(version: u32, leniency: Leniency) -> Result<Header, Reason> {
        let flavor = if version < VALKEY_FROM { Flavor::Redis } else { Flavor::Valkey };
        let latest = if version < VALKEY_FROM { LATEST_REDIS } else { LATEST_VALKEY };
        let known = version <= latest || leniency.any_version;
        if known && version >= OLDEST {
            Ok(Header { version, flavor })
        } else {
            Err(Reason::Version(version))
        }
    }

    /// Whether a checksum follows the end of a file.
    pub(crate) fn has_checksum(&self) -> bool {
        self.version >= 5
    }
}

/// A version to write: what the oldest reader that has to understand it reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 9: Redis 5 and 6.
    V9,
    /// 10: Redis 7.0.
    V10,
    /// 11: Redis 7.2, Valkey 7.2 and 8.
    #[default]
    V11,
    /// 12: Redis 7.4 to 8.4.
    V12,
    /// 13: Redis 8.6.
    V13,
    /// 14: Redis 8.8.
    V14,
    /// 80: Valkey 9.
    Valkey80,
}

impl Version {
    /// Every version that can be written.
    pub const ALL: [Version; 7] = [
        Version::V9,
        Version::V10,
        Version::V11,
        Version::V12,
        Version::V13,
        Version::V14,
        Version::Valkey80,
    ];

    /// The number in headers and payloads.
    pub const fn number(self) -> u16 {
        match self {
            Version::V9 => 9,
            Version::V10 => 10,
            Version::V11 => 11,
            Version::V12 => 12,
            Version::V13 => 13,
            Version::V14 => 14,
            Version::Valkey80 => 80,
        }
    }

    /// The version with a number, if it can be written.
    pub fn with_number(number: u16) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.number() == number)
    }

    /// Whose version it is.
    pub const fn flavor(self) -> Flavor {
        match self {
            Version::Valkey80 => Flavor::Valkey,
            _ => Flavor::Redis,
        }
    }

    /// The first nine bytes of a file.
    pub fn signature(self) -> [u8; 9] {
        let text = match self.flavor() {
            Flavor::Redis => format!("REDIS{:04}", self.number()),
            Flavor::Valkey => format!("VALKEY{:03}", self.number()),
        };
        text.as_bytes().try_into().expect("nine characters")
    }
}

/// Reads the first nine bytes of a file.
pub(crate) fn parse_signature(bytes: &[u8; 9], leniency: Leniency) -> Result<Header, Reason> {
    let (digits, flavor) = match (bytes.strip_prefix(b"REDIS"), bytes.strip_prefix(b"VALKEY")) {
        (Some(digits), _) => (digits, Flavor::Redis),
        (_, Some(digits)) => (digits, Flavor::Valkey),
        _ => return Err(Reason::Magic),
    };
    let number = digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')).ok_or(Reason::Magic)
    })?;
    let header = Header::of_version(number, leniency).ok().filter(|header| header.flavor == flavor);
    header.ok_or(Reason::Version(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_back() {
        for version in Version::ALL {
            let header = Header { version: version.number().into(), flavor: version.flavor() };
            assert_eq!(parse_signature(&version.signature(), Leniency::default()), Ok(header));
            assert_eq!(Version::with_number(version.number()), Some(version));
        }
        assert_eq!(&Version::V9.signature(), b"REDIS0009");
        assert_eq!(&Version::Valkey80.signature(), b"VALKEY080");
        let cases: [(&[u8; 9], Reason); 6] = [
            (b"REDIS00xx", Reason::Magic),
            (b"RADIS0011", Reason::Magic),
            (b"REDIS0000", Reason::Version(0)),
            (b"REDIS0080", Reason::Version(80)),
            (b"VALKEY011", Reason::Version(11)),
            (b"VALKEY081", Reason::Version(81)),
        ];
        for (signature, reason) in cases {
            assert_eq!(parse_signature(signature, Leniency::default()), Err(reason));
        }
        let any = Leniency { any_version: true, any_checksum: false };
        let header = |version, flavor| Ok(Header { version, flavor });
        assert_eq!(parse_signature(b"REDIS0015", any), header(15, Flavor::Redis));
        assert_eq!(parse_signature(b"VALKEY099", any), header(99, Flavor::Valkey));
        assert_eq!(parse_signature(b"REDIS0000", any), Err(Reason::Version(0)));
    }
}
