//! Hashes, in the forms they have had.
//!
//! ```text
//! hash                  n, n times: field, value
//! zipmap                see `zipmap`
//! ziplist, listpack     one of all fields and values
//!
//! with moments of expiry, in milliseconds since the epoch
//! hash-md               the first moment, n, n times: moment (1 being the first one, 0 none), field, value
//! listpack-md           the first moment, one listpack of fields, values and moments (0: none)
//!                       of a release candidate: without the first moment, and hash-md with moments as they are
//! hash-ttl (Valkey)     n, n times: field, value, moment (-1: none)
//!
//! extension             n, n times: field, moment; where the version's forms have no place for it
//! ```

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use crate::extension;
use crate::value_type::ValueType;
use crate::version::Version;
use crate::{ziplist, zipmap};
use keyspace::{ObjectBox, Value};
use structs::fields::{Element, FieldMap, Form, Limits, Ttl};
use structs::packed::{Item, Packed};

/// What Valkey has in place of a moment.
const VALKEY_NEVER: i64 = -1;

/// The type that a hash is written as.
pub(crate) fn type_for(hash: &FieldMap, version: Version) -> ValueType {
    let expires = hash.expiring() > 0;
    match hash.form() {
        _ if expires && version == Version::Valkey80 => ValueType::ValkeyHash,
        Form::Timed if expires && version >= Version::V12 => ValueType::HashListpackExpiring,
        _ if expires && version >= Version::V12 => ValueType::HashExpiring,
        Form::Rows if version >= Version::V10 => ValueType::HashListpack,
        _ => ValueType::Hash,
    }
}

/// How far a hash is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    started: bool,
    /// Parts written.
    parts: usize,
}

impl Progress {
    /// Appends parts until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, hash: &FieldMap, output: &mut Output<'_>) -> bool {
        let value_type = type_for(hash, output.version);
        let first_ms = hash.first_expiry_ms().unwrap_or(0);
        if !self.started {
            self.started = true;
            if matches!(value_type, ValueType::HashExpiring | ValueType::HashListpackExpiring) {
                output.bytes(&first_ms.to_le_bytes());
            }
            if matches!(value_type, ValueType::HashListpack | ValueType::HashListpackExpiring) {
                let packed = hash.packed().expect("rows are a listpack");
                output.blob(&packed.to_listpack_bytes());
                return false;
            }
            output.number(hash.len() as u64);
        }
        let fields = hash.view();
        while self.parts < fields.parts() {
            if output.is_full() {
                return true;
            }
            fields.part(self.parts).for_each(|field| push_field(output, &field, value_type, first_ms));
            self.parts += 1;
        }
        false
    }
}

fn push_field(output: &mut Output<'_>, field: &Element<'_>, value_type: ValueType, first_ms: i64) {
    if value_type == ValueType::HashExpiring {
        output.number(field.expiry_ms.map_or(0, |at_ms| at_ms.abs_diff(first_ms) + 1));
    }
    field.name.with_text(|name| output.text(name));
    field.value.with_text(|value| output.text(value));
    if value_type == ValueType::ValkeyHash {
        output.bytes(&field.expiry_ms.unwrap_or(VALKEY_NEVER).to_le_bytes());
    }
}

/// When fields expire, if any do and the hash's form has no place for it.
pub(crate) fn extension(hash: &FieldMap, output: &mut Output<'_>) -> bool {
    let has_place = matches!(
        type_for(hash, output.version),
        ValueType::ValkeyHash | ValueType::HashExpiring | ValueType::HashListpackExpiring
    );
    !has_place && extension::push_expiries(extension::expiries(hash.view()), hash.expiring(), output)
}

/// Reads a hash.
pub(crate) fn decode(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    extension: Option<&[u8]>,
    limits: &Limits,
) -> Result<Value, Error> {
    let start = cursor.at();
    let mut reading = Reading { hash: FieldMap::new(), limits, start };
    match value_type {
        ValueType::HashZipmap => reading.zipmap(&cursor.string()?)?,
        ValueType::HashZiplist => reading.ziplist(&cursor.string()?)?,
        ValueType::HashListpack => reading.listpack(&cursor.string()?, false)?,
        ValueType::HashListpackExpiringCandidate => reading.listpack(&cursor.string()?, true)?,
        ValueType::HashListpackExpiring => {
            cursor.millis()?;
            reading.listpack(&cursor.string()?, true)?;
        }
        _ => reading.fields(cursor, value_type)?,
    }
    let mut hash = reading.hash;
    if hash.is_empty() {
        return Err(Error::new(start, Reason::Empty));
    }
    extension::read_expiries(extension, |field, at_ms| hash.set_expiry(field, Some(at_ms)))?;
    Ok(Value::Object(ObjectBox::new(hash)))
}

/// A hash being read.
struct Reading<'l> {
    hash: FieldMap,
    limits: &'l Limits,
    /// Where its bytes begin.
    start: usize,
}

impl Reading<'_> {
    fn error(&self, reason: Reason) -> Error {
        Error::new(self.start, reason)
    }

    fn add(&mut self, field: &[u8], value: &[u8], expiry_ms: Option<i64>) -> Result<(), Error> {
        let ttl = expiry_ms.map_or(Ttl::Clear, Ttl::At);
        let new = self.hash.set(field, value, ttl, self.limits);
        if new { Ok(()) } else { Err(self.error(Reason::DuplicateElement)) }
    }

    /// Fields that follow one another in the file.
    fn fields(&mut self, cursor: &mut Cursor<'_>, value_type: ValueType) -> Result<(), Error> {
        let first_ms = if value_type == ValueType::HashExpiring { cursor.millis()? } else { 0 };
        for _ in 0..cursor.count(2)? {
            let before = match value_type {
                ValueType::HashExpiring | ValueType::HashExpiringCandidate => cursor.number()?,
                ValueType::Hash | ValueType::ValkeyHash => 0,
                other => return Err(cursor.error(Reason::Unsupported(other))),
            };
            let (field, value) = (cursor.string()?, cursor.string()?);
            let expiry_ms = match value_type {
                ValueType::ValkeyHash => match cursor.millis()? {
                    VALKEY_NEVER => None,
                    at_ms => Some(self.moment(Some(at_ms))?),
                },
                _ if before == 0 => None,
                ValueType::HashExpiring => Some(self.moment(first_ms.checked_add_unsigned(before - 1))?),
                _ => Some(self.moment(i64::try_from(before).ok())?),
            };
            self.add(&field, &value, expiry_ms)?;
        }
        Ok(())
    }

    fn moment(&self, at_ms: Option<i64>) -> Result<i64, Error> {
        let at_ms = at_ms.filter(|at_ms| *at_ms >= 0).ok_or(self.error(Reason::ElementExpiry))?;
        // In a listpack 0 stands for never: the next moment is as long over.
        Ok(at_ms.max(1))
    }

    fn zipmap(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut result = Ok(());
        let read = zipmap::for_each(bytes, |field, value| {
            if result.is_ok() {
                result = self.add(field, value, None);
            }
        });
        read.ok_or(self.error(Reason::Zipmap))?;
        result
    }

    fn ziplist(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut items: Vec<Vec<u8>> = Vec::new();
        ziplist::for_each(bytes, |item| items.push(item.to_vec())).ok_or(self.error(Reason::Ziplist))?;
        for pair in items.chunks(2) {
            let [field, value] = pair else { return Err(self.error(Reason::Ziplist)) };
            self.add(field, value, None)?;
        }
        Ok(())
    }

    /// Fields of a listpack. Those that expire stand before the others and are added from the last to the first: a field
    /// takes its place before those that expire with it, so that they stay in the order in which they were written.
    fn listpack(&mut self, bytes: &[u8], expiries: bool) -> Result<(), Error> {
        let packed = Packed::from_listpack_bytes(bytes);
        let packed = packed.map_err(|error| self.error(Reason::Listpack(error)))?;
        let (mut expiring, mut lasting) = (Vec::new(), Vec::new());
        let mut items = packed.iter();
        while let Some(field) = items.next() {
            let incomplete = self.error(Reason::IncompleteElement);
            let value = items.next().ok_or(incomplete)?;
            match if expiries { self.packed_moment(items.next().ok_or(incomplete)?)? } else { None } {
                Some(at_ms) => expiring.push((field, value, Some(at_ms))),
                None => lasting.push((field, value, None)),
            }
        }
        for (field, value, expiry_ms) in expiring.into_iter().rev().chain(lasting) {
            field.with_text(|field| value.with_text(|value| self.add(field, value, expiry_ms)))?;
        }
        Ok(())
    }

    /// A moment in a listpack; 0 is none.
    fn packed_moment(&self, item: Item<'_>) -> Result<Option<i64>, Error> {
        match item.as_int() {
            Some(0) => Ok(None),
            at_ms => self.moment(at_ms).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listpack of fields, values and moments.
    fn packed(rows: &[(&[u8], i64)]) -> Packed {
        let mut packed = Packed::new();
        for (field, at_ms) in rows {
            packed.push_back(field);
            packed.push_back(b"v");
            packed.push_back_int(*at_ms);
        }
        packed
    }

    #[test]
    fn fields_that_expire_at_once_keep_their_order() {
        let written = packed(&[(b"z", 5), (b"c", 7), (b"b", 7), (b"a", 0)]);
        let listpack = written.to_listpack_bytes();
        let payload = [&5_i64.to_le_bytes()[..], &[listpack.len() as u8], &listpack].concat();
        let read =
            decode(&mut Cursor::new(&payload), ValueType::HashListpackExpiring, None, &Limits::default());
        let Ok(Value::Object(object)) = read else { panic!("a hash") };
        let hash = object.typed::<FieldMap>().expect("a hash");
        assert_eq!(hash.packed().map(Packed::to_listpack_bytes), Some(listpack));
    }
}
