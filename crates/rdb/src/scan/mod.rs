//! Splitting a file into its parts, without looking into values.

mod event;
pub(crate) mod skip;
#[cfg(test)]
mod tests;

pub use event::{Access, Entry, Event, ModuleId};

use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::extension;
use crate::opcode;
use crate::value_type::{MODULE_PARTS, Part, ValueType};
use crate::version::{Flavor, Header, Leniency, parse_signature};
use event::Prelude;
use skip::Skip;

/// What Valkey keeps of a slot that is being imported: a job's name and ranges of slots.
const SLOT_IMPORT: &[Part] = &[Part::Text, Part::Each(&[Part::Number, Part::Number])];
/// What modules know of a key: their classes, and what each wrote.
const KEY_META: &[Part] = &[Part::Each(&[Part::Bytes(4), MODULE_PARTS])];
/// What a module wrote that belongs to no key.
const MODULE_AUX: &[Part] = &[MODULE_PARTS];

/// Reads a file whose bytes arrive in any portions.
///
/// The caller holds the bytes that are not yet consumed and shows them again, with more behind them, when they were too
/// few. A value is found by its length or structure: however large it is, no byte is looked at twice.
#[derive(Debug, Default)]
pub struct Scanner {
    leniency: Leniency,
    /// Offset of the bytes not yet consumed.
    offset: u64,
    header: Option<Header>,
    db: u32,
    /// The way through a value whose end isn't there yet.
    value: Option<Skip>,
    /// The offset in the event up to which bytes are known to belong to it.
    wanted: usize,
    /// The type of the value that was begun last, and where its key begins within the event.
    begun: Option<(ValueType, usize)>,
    ended: bool,
}

impl Scanner {
    /// A scanner at the beginning of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// A scanner at the beginning of a file whose version may be unknown.
    pub fn lenient(leniency: Leniency) -> Self {
        Self { leniency, ..Self::default() }
    }

    /// Offset in the file of the first byte not yet consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What the file says of itself, once that has been read.
    pub fn header(&self) -> Option<Header> {
        self.header
    }

    /// How many bytes, at least, the next event takes, as far as that can be seen. It isn't to be trusted: a broken
    /// file may claim anything.
    pub fn wanted(&self) -> usize {
        self.wanted.max(1)
    }

    /// Reads the next event from `input`, which begins at [`Self::offset`]. Returns it with the number of bytes it
    /// took, or nothing when the bytes are too few, or the end has been read.
    ///
    /// # Errors
    /// When the file is broken or unknown. The scanner is of no use after that.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(Event<'a>, usize)>, Error> {
        if self.ended {
            return Ok(None);
        }
        let mut cursor = Cursor::new(input);
        match self.event(&mut cursor) {
            Ok(event) => {
                self.value = None;
                self.offset += cursor.at() as u64;
                Ok(Some((event, cursor.at())))
            }
            Err(Error { reason: Reason::End, .. }) => Ok(None),
            Err(Error { offset, reason }) => Err(Error { offset: self.offset + offset, reason }),
        }
    }

    /// Says whether the file may end here, where `rest` is what [`Self::next`] didn't take.
    ///
    /// # Errors
    /// When the end hasn't been read.
    pub fn finish(&self, rest: &[u8]) -> Result<(), Error> {
        let end = Error { offset: self.offset + rest.len() as u64, reason: Reason::End };
        if self.ended { Ok(()) } else { Err(end) }
    }

    /// The type of the value in the middle of which the last call of [`Self::next`] ended without an event, and where its
    /// key begins in the bytes that it was shown.
    pub(crate) fn begun(&self) -> Option<(ValueType, usize)> {
        self.begun
    }

    fn event<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Event<'a>, Error> {
        self.begun = None;
        self.wanted = 0;
        let Some(header) = self.header else { return self.signature(cursor) };
        let mut prelude = Prelude::default();
        loop {
            let start = cursor.at();
            match cursor.byte()? {
                opcode::EXPIRE_MS => prelude.expiry_ms = Some(cursor.millis()?),
                opcode::EXPIRE_S => {
                    let seconds = i32::from_le_bytes(cursor.array()?);
                    prelude.expiry_ms = Some(i64::from(seconds) * 1000);
                }
                opcode::IDLE => prelude.access = Some(Access::IdleSeconds(cursor.number()?)),
                opcode::FREQUENCY => prelude.access = Some(Access::Frequency(cursor.byte()?)),
                opcode::KEY_META if header.flavor == Flavor::Redis => drop(skip(KEY_META, cursor)?),
                opcode::AUX => {
                    let (name, value) = (cursor.string()?, cursor.string()?);
                    if *name != *extension::NAME {
                        return Ok(Event::Aux { name, value });
                    }
                    prelude.extension = Some(value);
                }
                code => match ValueType::with_code(code, header.flavor) {
                    Some(value_type) => return self.entry(cursor, value_type, prelude),
                    None => return self.other(cursor, code).map_err(|error| at_code(error, start)),
                },
            }
        }
    }

    fn signature<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Event<'a>, Error> {
        let header =
            parse_signature(&cursor.array()?, self.leniency).map_err(|reason| Error::new(0, reason))?;
        self.header = Some(header);
        Ok(Event::Header(header))
    }

    fn entry<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        value_type: ValueType,
        prelude: Prelude<'a>,
    ) -> Result<Event<'a>, Error> {
        self.begun = Some((value_type, cursor.at()));
        let key = cursor.string()?;
        let start = cursor.at();
        self.pass_value(cursor, value_type)?;
        let payload = cursor.take(self.wanted - start)?;
        Ok(Event::Entry(Entry {
            db: self.db,
            expiry_ms: prelude.expiry_ms,
            access: prelude.access,
            value_type,
            key,
            payload,
            payload_at: self.offset + start as u64,
            extension: prelude.extension,
        }))
    }

    /// Finds the end of the value at the cursor: [`Self::wanted`] then, which may lie beyond the bytes there are.
    fn pass_value(&mut self, cursor: &Cursor<'_>, value_type: ValueType) -> Result<(), Error> {
        if let [Part::Text] = value_type.parts() {
            let mut ahead = cursor.clone();
            ahead.skip_string()?;
            self.wanted = ahead.at();
            return Ok(());
        }
        let value = self.value.get_or_insert_with(|| Skip::new(value_type.parts(), cursor.at()));
        let complete = value.run(cursor.all());
        self.wanted = value.at();
        if complete? { Ok(()) } else { Err(cursor.error(Reason::End)) }
    }

    /// What is no key.
    fn other<'a>(&mut self, cursor: &mut Cursor<'a>, code: u8) -> Result<Event<'a>, Error> {
        Ok(match code {
            opcode::SELECT_DB => {
                let db = cursor.number()?;
                self.db = u32::try_from(db).map_err(|_| cursor.error(Reason::Length))?;
                Event::SelectDb(self.db)
            }
            opcode::RESIZE_DB => Event::ResizeDb { keys: cursor.number()?, expiring: cursor.number()? },
            opcode::SLOT_INFO => {
                Event::SlotInfo { slot: cursor.number()?, keys: cursor.number()?, expiring: cursor.number()? }
            }
            opcode::SLOT_IMPORT => Event::SlotImport { bytes: skip(SLOT_IMPORT, cursor)? },
            opcode::FUNCTION => Event::Function(cursor.string()?),
            opcode::FUNCTION_CANDIDATE => return Err(cursor.error(Reason::FunctionCandidate)),
            opcode::MODULE_AUX => {
                Event::ModuleAux { module: ModuleId(cursor.number()?), bytes: skip(MODULE_AUX, cursor)? }
            }
            opcode::END => {
                let checked = self.header.is_some_and(|header| header.has_checksum());
                let checksum = if checked { u64::from_le_bytes(cursor.array()?) } else { 0 };
                self.ended = true;
                Event::End { checksum: Some(checksum).filter(|&checksum| checksum != 0) }
            }
            unknown => return Err(cursor.error(Reason::Type(unknown))),
        })
    }
}

/// An error about an opcode or type is one at its place.
fn at_code(error: Error, start: usize) -> Error {
    match error.reason {
        Reason::Type(_) | Reason::FunctionCandidate => Error::new(start, error.reason),
        _ => error,
    }
}

/// Passes some parts, all of which must be there, and returns their bytes.
fn skip<'a>(parts: &'static [Part], cursor: &mut Cursor<'a>) -> Result<&'a [u8], Error> {
    let start = cursor.at();
    let mut skip = Skip::new(parts, start);
    if !skip.run(cursor.all())? {
        return Err(cursor.error(Reason::End));
    }
    cursor.take(skip.at() - start)
}
