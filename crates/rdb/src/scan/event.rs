//! What a file consists of.

use crate::error::Error;
use crate::value::{DecodeOptions, decode_value};
use crate::value_type::ValueType;
use crate::version::Header;
use keyspace::Value;
use std::borrow::Cow;

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The beginning.
    Header(Header),
    /// A field about the file.
    Aux {
        /// Its name.
        name: Cow<'a, [u8]>,
        /// Its value.
        value: Cow<'a, [u8]>,
    },
    /// The database that the keys from here on belong to.
    SelectDb(u32),
    /// How many keys the database has.
    ResizeDb {
        /// All.
        keys: u64,
        /// Those that expire.
        expiring: u64,
    },
    /// How many keys of a cluster's slot follow.
    SlotInfo {
        /// The slot.
        slot: u64,
        /// All keys.
        keys: u64,
        /// Those that expire.
        expiring: u64,
    },
    /// A slot that is being imported (Valkey).
    SlotImport {
        /// What is known of it.
        bytes: &'a [u8],
    },
    /// A library of functions, as its source.
    Function(Cow<'a, [u8]>),
    /// What a module wrote that belongs to no key.
    ModuleAux {
        /// The module's type.
        module: ModuleId,
        /// What it wrote.
        bytes: &'a [u8],
    },
    /// A key.
    Entry(Entry<'a>),
    /// The end. The first byte of it is the last one that the checksum counts.
    End {
        /// The CRC-64 of all bytes before it, if somebody reckoned one.
        checksum: Option<u64>,
    },
}

/// A key with its value, which is not yet decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The number of its database.
    pub db: u32,
    /// When it expires, in milliseconds since the epoch.
    pub expiry_ms: Option<i64>,
    /// When or how often it was used.
    pub access: Option<Access>,
    /// The form of its value.
    pub value_type: ValueType,
    /// Its name.
    pub key: Cow<'a, [u8]>,
    /// The bytes of its value: what [`decode_value`] takes.
    pub payload: &'a [u8],
    /// Where in the file these begin.
    pub payload_at: u64,
    /// What Redstart wrote about the value that its form has no place for.
    pub extension: Option<Cow<'a, [u8]>>,
}

impl Entry<'_> {
    /// Makes the value.
    ///
    /// # Errors
    /// As [`decode_value`], with an offset in the file.
    pub fn decode(&self, options: &DecodeOptions) -> Result<Value, Error> {
        decode_value(self.value_type, self.payload, self.extension.as_deref(), options)
            .map_err(|Error { offset, reason }| Error { offset: self.payload_at + offset, reason })
    }
}

/// How a key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Not for so many seconds.
    IdleSeconds(u64),
    /// So often, as a logarithmic counter.
    Frequency(u8),
}

/// The id of a module's type: nine characters and a version.
///
/// ```text
///  6 bits * 9 characters of base64 (URL alphabet) | 10 bits version
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleId(pub u64);

impl ModuleId {
    /// The name of the type.
    pub fn name(self) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let character = |index: u32| ALPHABET[(self.0 >> (58 - 6 * index)) as usize & 63];
        (0..9).map(|index| char::from(character(index))).collect()
    }

    /// The version of the type's encoding.
    pub fn version(self) -> u64 {
        self.0 & 1023
    }
}

/// What stands before a key's type.
#[derive(Clone, Debug, Default)]
pub(super) struct Prelude<'a> {
    pub(super) expiry_ms: Option<i64>,
    pub(super) access: Option<Access>,
    pub(super) extension: Option<Cow<'a, [u8]>>,
}
