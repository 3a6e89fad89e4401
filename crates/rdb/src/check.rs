//! Checking a file: a report as check tools print it, with what is wrong, where, and in the middle of what.

use crate::cursor::Cursor;
use crate::damage::Damage;
use crate::error::{Error, Reason};
use crate::scan::{Entry, Event, Scanner};
use crate::value::DecodeOptions;
use crate::value_type::{Family, ValueType};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What was found out about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The report, a line for each thing found.
    pub text: String,
    /// Whether nothing is wrong.
    pub is_sound: bool,
    /// Keys that could be read, of any type.
    pub keys: u64,
    /// Those of them that are of types that there aren't here, by their kind.
    pub unsupported: BTreeMap<Family, u64>,
}

/// Checks a whole file. `now_ms` tells which keys have expired.
pub fn check(name: &str, file: &[u8], now_ms: i64) -> CheckReport {
    let mut check = Check::new(name, now_ms);
    let taken = check.feed(file);
    check.finish(&file[taken..])
}

/// A check of a file whose bytes arrive in portions.
pub struct Check {
    scanner: Scanner,
    now_ms: i64,
    crc: u64,
    text: String,
    counts: Counts,
    outcome: Outcome,
}

#[derive(Default)]
struct Counts {
    keys: u64,
    expiring: u64,
    expired: u64,
    functions: u64,
    unsupported: BTreeMap<Family, u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Reading,
    Sound,
    Broken,
}

/// What was being read when something was wrong.
struct Place<'a> {
    doing: &'static str,
    key: Option<Cow<'a, [u8]>>,
    value_type: Option<ValueType>,
}

impl Check {
    /// Begins with a file of this name.
    pub fn new(name: &str, now_ms: i64) -> Check {
        let text = format!("[offset 0] Checking RDB file {name}\n");
        let (counts, outcome) = (Counts::default(), Outcome::Reading);
        Check { scanner: Scanner::new(), now_ms, crc: 0, text, counts, outcome }
    }

    /// How many bytes, at least, must be shown at once so that the check goes on; see [`Scanner::wanted`].
    pub fn wanted(&self) -> usize {
        self.scanner.wanted()
    }

    /// Whether the end of the file has been read, or something that is wrong: nothing more will be taken.
    pub fn has_ended(&self) -> bool {
        self.outcome != Outcome::Reading
    }

    /// Checks what is complete in `input`, which begins with the first byte not yet taken. Returns how many bytes it
    /// took; what is left is to be shown again with more behind it.
    pub fn feed(&mut self, input: &[u8]) -> usize {
        let (mut taken, mut counted) = (0, 0);
        while self.outcome == Outcome::Reading {
            let rest = &input[taken..];
            match self.scanner.next(rest) {
                Ok(None) => break,
                Err(error) => self.broken(error, place(rest, &self.scanner)),
                Ok(Some((Event::End { checksum }, len))) => {
                    self.crc = base::crc64::crc64(self.crc, &input[counted..=taken]);
                    taken += len;
                    counted = taken;
                    self.end(checksum);
                }
                Ok(Some((event, len))) => {
                    taken += len;
                    self.event(&event);
                }
            }
        }
        self.crc = base::crc64::crc64(self.crc, &input[counted..taken]);
        taken
    }

    /// Ends the check, `rest` being what [`Self::feed`] didn't take of the last bytes.
    pub fn finish(mut self, rest: &[u8]) -> CheckReport {
        if self.outcome == Outcome::Reading
            && let Err(error) = self.scanner.finish(rest)
        {
            self.broken(error, place(rest, &self.scanner));
        }
        let Counts { keys, expiring, expired, functions, unsupported } = self.counts;
        let _ = writeln!(self.text, "[info] {keys} keys read");
        let _ = writeln!(self.text, "[info] {expiring} expires");
        let _ = writeln!(self.text, "[info] {expired} already expired");
        if functions > 0 {
            let _ = writeln!(self.text, "[info] {functions} functions");
        }
        for (family, keys) in &unsupported {
            let _ = writeln!(self.text, "[info] {keys} keys of type {} can't be loaded", family.name());
        }
        CheckReport { text: self.text, is_sound: self.outcome == Outcome::Sound, keys, unsupported }
    }

    fn line(&mut self, offset: u64, text: &str) {
        let _ = writeln!(self.text, "[offset {offset}] {text}");
    }

    fn event(&mut self, event: &Event<'_>) {
        let offset = self.scanner.offset();
        match event {
            Event::Aux { name, value } => {
                let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
                self.line(offset, &format!("AUX FIELD {name} = '{value}'"));
            }
            Event::SelectDb(db) => self.line(offset, &format!("Selecting DB ID {db}")),
            Event::ModuleAux { module, .. } => {
                self.line(offset, &format!("MODULE AUX for: {}", module.name()));
            }
            Event::Function(_) => self.counts.functions += 1,
            Event::Entry(entry) => self.entry(entry),
            _ => {}
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        match entry.decode(&DecodeOptions::default()) {
            Ok(_) => {}
            Err(Error { reason: Reason::Unsupported(value_type), .. }) => {
                *self.counts.unsupported.entry(value_type.family()).or_default() += 1;
            }
            Err(error) => {
                let key = Some(Cow::Borrowed(entry.key.as_ref()));
                let value_type = Some(entry.value_type);
                return self.broken(error, Place { doing: "read-object-value", key, value_type });
            }
        }
        self.counts.keys += 1;
        self.counts.expiring += u64::from(entry.expiry_ms.is_some());
        self.counts.expired += u64::from(entry.expiry_ms.is_some_and(|at_ms| at_ms < self.now_ms));
    }

    fn end(&mut self, checksum: Option<u64>) {
        let offset = self.scanner.offset();
        match checksum {
            Some(checksum) if checksum != self.crc => {
                let place = Place { doing: "check-sum", key: None, value_type: None };
                return self.broken(Error { offset, reason: Reason::Checksum }, place);
            }
            Some(_) => self.line(offset, "Checksum OK"),
            None => self.line(offset, "RDB file was saved with checksum disabled: no check performed."),
        }
        self.line(offset, r"\o/ RDB looks OK! \o/");
        self.outcome = Outcome::Sound;
    }

    fn broken(&mut self, error: Error, place: Place<'_>) {
        self.outcome = Outcome::Broken;
        self.text.push_str("--- RDB ERROR DETECTED ---\n");
        self.line(error.offset, &sentence(error, place.value_type));
        let _ = writeln!(self.text, "[additional info] While doing: {}", place.doing);
        if let Some(key) = place.key {
            let _ = writeln!(self.text, "[additional info] Reading key '{}'", String::from_utf8_lossy(&key));
        }
        if let Some(value_type) = place.value_type {
            let _ = writeln!(self.text, "[additional info] Reading type {value_type}");
        }
    }
}

/// What is wrong, in the words of other check tools where they have any.
fn sentence(error: Error, value_type: Option<ValueType>) -> String {
    match error.reason {
        Reason::End => "Unexpected EOF reading RDB file".to_owned(),
        Reason::Magic => "Wrong signature trying to load DB from file".to_owned(),
        Reason::Version(version) => format!("Can't handle RDB format version {version}"),
        Reason::Type(code) => format!("Invalid object type: {code}"),
        Reason::Checksum => "RDB CRC error".to_owned(),
        reason => match value_type {
            Some(value_type) => Damage { value_type, error }.to_string(),
            None => reason.to_string(),
        },
    }
}

/// What `rest`, in which no complete event begins, is the beginning of.
fn place<'a>(rest: &'a [u8], scanner: &Scanner) -> Place<'a> {
    let nothing = |doing| Place { doing, key: None, value_type: None };
    match scanner.begun() {
        None if scanner.header().is_none() => nothing("start"),
        None => nothing("read-type"),
        Some((value_type, key_at)) => {
            let key = Cursor::starting_at(rest, key_at).string().ok();
            let doing = if key.is_some() { "read-object-value" } else { "read-key" };
            Place { doing, key, value_type: Some(value_type) }
        }
    }
}
