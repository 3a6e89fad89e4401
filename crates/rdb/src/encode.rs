//! Writing a file: header, fields, keys with their values, end.
//!
//! ```text
//! signature | aux fields | functions | for each database: its number, its sizes, its keys | end | checksum
//!
//! key:  [expiry] [idle time or frequency] type, name, value
//! ```

use crate::lzf::Compressor;
use crate::string;
use crate::value_type::ValueType;
use crate::version::Version;
use crate::write::{self, Strings};
use crate::{extension, object, opcode};
use keyspace::{AnyRef, Item, Object, Remember, Str};

/// How keys are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct EncodeOptions {
    /// The version of the format.
    pub version: Version,
    /// Whether strings are compressed (`rdbcompression`).
    pub compress: bool,
    /// What the keys' access bits mean, if they are to be written: with a `maxmemory-policy` that looks at them.
    pub access: Option<Remember>,
    /// The time, in milliseconds since the epoch, from which idle times are counted.
    pub now_ms: i64,
}

/// Where a value's codec writes to.
pub(crate) struct Output<'a> {
    pub(crate) version: Version,
    pub(crate) strings: &'a mut Strings,
    pub(crate) out: &'a mut Vec<u8>,
    /// The length of `out` from which on no further part is begun.
    enough: usize,
}

impl Output<'_> {
    /// Whether it is time to pause.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.out.len() >= self.enough
    }

    pub(crate) fn number(&mut self, number: u64) {
        write::number(self.out, number);
    }

    pub(crate) fn text(&mut self, text: &[u8]) {
        self.strings.push(self.out, text);
    }

    pub(crate) fn blob(&mut self, bytes: &[u8]) {
        self.strings.push_blob(self.out, bytes);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

/// Appends the parts of a file to buffers. It keeps nothing between calls but memory for compression.
pub struct Encoder {
    options: EncodeOptions,
    strings: Strings,
}

impl Encoder {
    /// An encoder.
    pub fn new(options: EncodeOptions) -> Self {
        Encoder { options, strings: Strings::new(options.compress) }
    }

    /// The options.
    pub fn options(&self) -> &EncodeOptions {
        &self.options
    }

    /// The first bytes of a file.
    pub fn signature(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.options.version.signature());
    }

    /// A field about the file, such as `redis-ver`. Readers ignore those that they don't know.
    pub fn aux(&mut self, out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
        out.push(opcode::AUX);
        self.strings.push(out, name);
        self.strings.push(out, value);
    }

    /// A library of functions, as its source.
    pub fn function(&mut self, out: &mut Vec<u8>, source: &[u8]) {
        out.push(opcode::FUNCTION);
        self.strings.push(out, source);
    }

    /// The database that the following keys belong to.
    pub fn select(&self, out: &mut Vec<u8>, index: u32) {
        out.push(opcode::SELECT_DB);
        write::number(out, index.into());
    }

    /// The database that the following keys belong to, and how many it has: all, and those that expire.
    pub fn database(&self, out: &mut Vec<u8>, index: u32, keys: u64, expiring: u64) {
        out.push(opcode::SELECT_DB);
        write::number(out, index.into());
        out.push(opcode::RESIZE_DB);
        write::number(out, keys);
        write::number(out, expiring);
    }

    /// The end of the keys. What follows is [`Self::checksum`].
    pub fn end(&self, out: &mut Vec<u8>) {
        out.push(opcode::END);
    }

    /// The CRC-64 of all bytes of the file before, or 0 when nobody reckoned it.
    pub fn checksum(out: &mut Vec<u8>, crc: u64) {
        out.extend_from_slice(&crc.to_le_bytes());
    }

    /// A whole key. For values that are small enough: a large one is better [frozen](crate::FrozenEncoder).
    pub fn item(&mut self, out: &mut Vec<u8>, item: &Item<'_>) {
        match parts(item) {
            Parts::Text(text) => {
                self.text_head(out, item.key(), item.expiry_ms(), item.access());
                self.text_value(out, &text);
            }
            Parts::Object(object) => {
                self.object_head(out, item.key(), item.expiry_ms(), item.access(), &*object);
                self.object(out, &*object);
            }
        }
    }

    /// The type that a key's value is written as.
    pub(crate) fn value_type(&self, item: &Item<'_>) -> ValueType {
        match parts(item) {
            Parts::Text(_) => ValueType::String,
            Parts::Object(object) => object::value_type(&*object, self.options.version),
        }
    }

    /// A key's value alone.
    pub(crate) fn value(&mut self, out: &mut Vec<u8>, item: &Item<'_>) {
        match parts(item) {
            Parts::Text(text) => self.text_value(out, &text),
            Parts::Object(object) => self.object(out, &*object),
        }
    }

    fn object(&mut self, out: &mut Vec<u8>, object: &dyn Object) {
        object::Progress::new(object).step(object, &mut self.output(out, usize::MAX));
    }

    /// What stands before the value of a key that holds a string.
    pub(crate) fn text_head(&mut self, out: &mut Vec<u8>, key: &[u8], expiry_ms: Option<i64>, access: u32) {
        self.prelude(out, expiry_ms, access);
        self.name(out, ValueType::String, key);
    }

    /// The value of a key that holds a string.
    pub(crate) fn text_value(&mut self, out: &mut Vec<u8>, text: &Str<'_>) {
        string::encode(out, text, &mut self.strings);
    }

    /// What stands before the value of a key that holds an object.
    pub(crate) fn object_head(
        &mut self,
        out: &mut Vec<u8>,
        key: &[u8],
        expiry_ms: Option<i64>,
        access: u32,
        object: &dyn Object,
    ) {
        if let Some(bytes) = self.extension(object) {
            self.aux(out, extension::NAME, &bytes);
        }
        self.prelude(out, expiry_ms, access);
        self.name(out, object::value_type(object, self.options.version), key);
    }

    /// What the value's form has no place for.
    pub(crate) fn extension(&mut self, object: &dyn Object) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        object::extension(object, &mut self.output(&mut bytes, usize::MAX)).then_some(bytes)
    }

    fn prelude(&self, out: &mut Vec<u8>, expiry_ms: Option<i64>, access: u32) {
        if let Some(expiry_ms) = expiry_ms {
            out.push(opcode::EXPIRE_MS);
            out.extend_from_slice(&expiry_ms.to_le_bytes());
        }
        match self.options.access {
            None => {}
            Some(recency @ Remember::Recency) => {
                out.push(opcode::IDLE);
                write::number(out, recency.idle_seconds(access, self.options.now_ms).into());
            }
            Some(frequency @ Remember::Frequency { .. }) => {
                out.push(opcode::FREQUENCY);
                out.push(frequency.frequency(access, self.options.now_ms) as u8);
            }
        }
    }

    fn name(&mut self, out: &mut Vec<u8>, value_type: ValueType, key: &[u8]) {
        out.push(value_type.code());
        self.text(out, key);
    }

    pub(crate) fn compressor(&mut self) -> Option<&mut Compressor> {
        self.strings.compressor()
    }

    pub(crate) fn text(&mut self, out: &mut Vec<u8>, text: &[u8]) {
        self.strings.push(out, text);
    }

    /// Where the parts of a value go, until `out` has a length.
    pub(crate) fn output<'a>(&'a mut self, out: &'a mut Vec<u8>, enough: usize) -> Output<'a> {
        Output { version: self.options.version, strings: &mut self.strings, out, enough }
    }
}

/// A value, by how it is written.
enum Parts<'a> {
    Text(Str<'a>),
    Object(AnyRef<'a>),
}

fn parts<'a>(item: &Item<'a>) -> Parts<'a> {
    match (item.string(), item.any_object()) {
        (Some(text), _) => Parts::Text(text),
        (None, Some(object)) => Parts::Object(object),
        (None, None) => unreachable!("a value is a string or an object"),
    }
}
