//! DUMP payloads: one value, with what is needed to trust it.
//!
//! ```text
//! type | value | [extension] | version: u16 LE | CRC-64 of everything before: u64 LE
//! ```

use crate::damage::Damage;
use crate::encode::Encoder;
use crate::error::{Error, Reason};
use crate::extension;
use crate::scan::skip::Skip;
use crate::value::{DecodeOptions, decode_value};
use crate::value_type::ValueType;
use crate::version::{Header, Leniency};
use keyspace::{Item, Value};

const VERSION_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 8;

/// Why a payload can't be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDump {
    /// Its version or its checksum is wrong.
    Frame,
    /// It has no value, or one of an unknown type.
    Unknown(Reason),
    /// Its value is broken.
    Value(Damage),
}

impl std::fmt::Display for BadDump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BadDump::Frame => f.write_str("DUMP payload version or checksum are wrong"),
            BadDump::Unknown(reason) => reason.fmt(f),
            BadDump::Value(damage) => damage.fmt(f),
        }
    }
}

impl std::error::Error for BadDump {}

/// The payload that DUMP answers for a key.
pub fn dump(encoder: &mut Encoder, item: &Item<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    out.push(encoder.value_type(item).code());
    encoder.value(&mut out, item);
    if let Some(object) = item.any_object()
        && let Some(bytes) = encoder.extension(&*object)
    {
        encoder.text(&mut out, extension::NAME);
        encoder.text(&mut out, &bytes);
    }
    out.extend_from_slice(&encoder.options().version.number().to_le_bytes());
    let crc = base::crc64::crc64(0, &out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

/// Makes the value of a payload. O(bytes).
///
/// # Errors
/// When anything in it is wrong.
pub fn restore(payload: &[u8], options: &DecodeOptions, leniency: Leniency) -> Result<Value, BadDump> {
    let (header, body) = open(payload, leniency).ok_or(BadDump::Frame)?;
    let (&code, value) = body.split_first().ok_or(BadDump::Unknown(Reason::End))?;
    let value_type = ValueType::with_code(code, header.flavor).ok_or(BadDump::Unknown(Reason::Type(code)))?;
    let broken = |error| BadDump::Value(Damage { value_type, error });
    let mut way = Skip::new(value_type.parts(), 0);
    match way.run(value) {
        Ok(true) => {}
        Ok(false) => return Err(broken(Error::new(way.at(), Reason::End))),
        Err(error) => return Err(broken(error)),
    }
    let (value, behind) = value.split_at(way.at());
    let extension = extension::behind_value(behind);
    decode_value(value_type, value, extension.as_deref(), options).map_err(broken)
}

/// Checks version and checksum; returns what the version says, and type and value.
fn open(payload: &[u8], leniency: Leniency) -> Option<(Header, &[u8])> {
    let (checked, checksum) = payload.split_last_chunk::<CHECKSUM_BYTES>()?;
    let (body, version) = checked.split_last_chunk::<VERSION_BYTES>()?;
    let header = Header::of_version(u16::from_le_bytes(*version).into(), leniency).ok()?;
    let crc = u64::from_le_bytes(*checksum);
    (leniency.any_checksum || base::crc64::crc64(0, checked) == crc).then_some((header, body))
}
