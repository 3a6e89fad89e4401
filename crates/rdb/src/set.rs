//! Sets, in the three forms they have had, and when their members expire, for which no form has a place.
//!
//! ```text
//! set        n, n members
//! intset     all members: see `structs::intset`
//! listpack   one listpack of all members
//!
//! extension  n, n times: member, moment of expiry in milliseconds
//! ```

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use crate::extension;
use crate::value_type::ValueType;
use crate::version::Version;
use keyspace::{ObjectBox, Value};
use structs::fields::{Form, Limits, MemberSet};
use structs::intset::IntSet;
use structs::packed::Packed;

/// The type that a set is written as.
pub(crate) fn type_for(set: &MemberSet, version: Version) -> ValueType {
    match set.form() {
        Form::Ints => ValueType::SetIntset,
        Form::Rows if version >= Version::V11 => ValueType::SetListpack,
        Form::Rows | Form::Timed | Form::Table => ValueType::Set,
    }
}

/// How far a set is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    started: bool,
    /// Parts written.
    parts: usize,
}

impl Progress {
    /// Appends parts until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, set: &MemberSet, output: &mut Output<'_>) -> bool {
        if write_whole(set, output) {
            return false;
        }
        let members = set.view();
        if !self.started {
            self.started = true;
            output.number(members.len() as u64);
        }
        while self.parts < members.parts() {
            if output.is_full() {
                return true;
            }
            members.part(self.parts).for_each(|member| member.name.with_text(|name| output.text(name)));
            self.parts += 1;
        }
        false
    }
}

/// Writes a set in a form that is one blob, if that is its type.
fn write_whole(set: &MemberSet, output: &mut Output<'_>) -> bool {
    let mut blob = Vec::new();
    match (type_for(set, output.version), set.ints(), set.packed()) {
        (ValueType::SetIntset, Some(ints), _) => ints.push_wire_to(&mut blob),
        (ValueType::SetListpack, _, Some(packed)) => packed.push_listpack_to(&mut blob),
        _ => return false,
    }
    output.blob(&blob);
    true
}

/// When members expire, if any do.
pub(crate) fn extension(set: &MemberSet, output: &mut Output<'_>) -> bool {
    extension::push_expiries(extension::expiries(set.view()), set.expiring(), output)
}

/// Reads a set.
pub(crate) fn decode(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    extension: Option<&[u8]>,
    limits: &Limits,
) -> Result<Value, Error> {
    let start = cursor.at();
    let mut set = match value_type {
        // Integers among them stay texts, as they were in the server that wrote them.
        ValueType::SetListpack => MemberSet::of_texts(),
        _ => MemberSet::new(),
    };
    let add = |set: &mut MemberSet, member: &[u8]| {
        set.insert(member, limits).then_some(()).ok_or(Error::new(start, Reason::DuplicateElement))
    };
    match value_type {
        ValueType::Set => {
            let count = cursor.count(1)?;
            if count > limits.ints {
                set = MemberSet::large(limits);
            }
            for _ in 0..count {
                add(&mut set, &cursor.string()?)?;
            }
        }
        ValueType::SetListpack => {
            let packed = Packed::from_listpack_bytes(&cursor.string()?);
            let packed = packed.map_err(|error| Error::new(start, Reason::Listpack(error)))?;
            packed.iter().try_for_each(|member| member.with_text(|text| add(&mut set, text)))?;
        }
        ValueType::SetIntset => {
            let ints = IntSet::from_wire(&cursor.string()?);
            set = MemberSet::of_ints(ints.map_err(|error| Error::new(start, Reason::Intset(error)))?, limits);
        }
        other => return Err(cursor.error(Reason::Unsupported(other))),
    }
    if set.is_empty() {
        return Err(Error::new(start, Reason::Empty));
    }
    extension::read_expiries(extension, |member, at_ms| set.set_expiry(member, Some(at_ms), limits))?;
    Ok(Value::Object(ObjectBox::new(set)))
}
