//! A way through a log file, transaction by transaction, that knows up to where the file is whole.

use super::annotation::{Annotation, Unsealed};
use super::scanner::{Damage, Fault, Found, MAX_ANNOTATION, Scanner};
use resp::{Args, Span};

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// Its offset.
    pub offset: u64,
    /// Lines before it.
    pub lines: u64,
}

/// Goes through a file: see [`Walk::next`].
#[derive(Debug, Default)]
pub struct Walk {
    scanner: Scanner,
    /// Behind the last command that isn't within an open transaction.
    whole: Mark,
    /// Where the open transaction begins.
    transaction: Option<Mark>,
    /// The bytes since the last seal, and where they begin; none before the first.
    unsealed: Option<(Unsealed, Mark)>,
    second: Option<i64>,
    /// Where the last annotation of a second begins.
    second_at: u64,
}

impl Walk {
    /// A walk through a file from its beginning.
    pub fn new() -> Walk {
        Walk::default()
    }

    /// Where the next call's input begins.
    pub fn offset(&self) -> u64 {
        self.scanner.offset()
    }

    /// Up to where the file is whole: behind the last command or annotation that isn't within an open transaction.
    pub fn whole(&self) -> Mark {
        self.whole
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// The last second that was noted, since the epoch.
    pub fn second(&self) -> Option<i64> {
        self.second
    }

    /// Where the line with that second begins.
    pub fn second_at(&self) -> u64 {
        self.second_at
    }

    /// Bytes before the present offset that no checksum covers; none if there are no checksums.
    pub fn unsealed_bytes(&self) -> Option<u64> {
        self.unsealed.map(|(unsealed, _)| unsealed.len())
    }

    /// The words of the command found last; `input` is what it was found in.
    pub fn args<'a>(&'a self, input: &'a [u8]) -> Args<'a> {
        self.scanner.args(input)
    }

    /// Where these words stand, relative to the command's start.
    pub fn spans(&self) -> &[Span] {
        self.scanner.spans()
    }

    /// Looks at the front of `input`, which begins at [`Walk::offset`].
    ///
    /// # Errors
    /// The first damage. Bytes with a wrong checksum may have been found before that is known.
    pub fn next(&mut self, input: &[u8]) -> Result<Found, Fault> {
        let (before, inside) = (self.mark(), self.scanner.is_inside());
        let found = self.scanner.next(input)?;
        match found {
            Found::More => return Ok(found),
            Found::Command(len) => {
                self.add(&input[..len]);
                self.command(input, before)?;
            }
            Found::Annotation(len) if inside || len > MAX_ANNOTATION => self.add(&input[..len]),
            Found::Annotation(len) => self.annotation(&input[..len], before)?,
        }
        if self.transaction.is_none() && !self.scanner.is_inside() {
            self.whole = self.mark();
        }
        Ok(found)
    }

    fn mark(&self) -> Mark {
        Mark { offset: self.scanner.offset(), lines: self.scanner.lines() }
    }

    fn add(&mut self, bytes: &[u8]) {
        if let Some((unsealed, _)) = &mut self.unsealed {
            unsealed.add(bytes);
        }
    }

    fn command(&mut self, input: &[u8], start: Mark) -> Result<(), Fault> {
        let args = self.scanner.args(input);
        let is = |name: &[u8]| args.at(0).eq_ignore_ascii_case(name);
        let misplaced = |name| Err(fault(start, Damage::Misplaced(name)));
        match self.transaction {
            None if is(b"MULTI") => self.transaction = Some(start),
            None if is(b"EXEC") => return misplaced("EXEC"),
            Some(_) if is(b"MULTI") => return misplaced("MULTI"),
            Some(_) if is(b"EXEC") => self.transaction = None,
            _ => {}
        }
        Ok(())
    }

    fn annotation(&mut self, line: &[u8], start: Mark) -> Result<(), Fault> {
        match Annotation::parse(line) {
            Annotation::Second(second) => {
                self.second = Some(second);
                self.second_at = start.offset;
            }
            Annotation::BrokenSeal => {
                let from = self.unsealed.map_or(start, |(_, from)| from);
                return Err(fault(from, Damage::Checksum { line_at: start.offset }));
            }
            Annotation::Seal(seal) => {
                let begins = (Unsealed::default(), start);
                let present = if seal.len == 0 { Some(begins) } else { self.unsealed };
                let (unsealed, from) = present.ok_or(fault(start, Damage::ChecksumGap))?;
                if unsealed.len() != seal.len {
                    return Err(fault(from, Damage::ChecksumGap));
                }
                if unsealed.seal() != seal {
                    return Err(fault(from, Damage::Checksum { line_at: start.offset }));
                }
                self.unsealed = Some((Unsealed::default(), self.mark()));
                return Ok(());
            }
            Annotation::Other => {}
        }
        self.add(line);
        Ok(())
    }
}

fn fault(at: Mark, damage: Damage) -> Fault {
    Fault { at: at.offset, line: at.lines + 1, damage }
}

#[cfg(test)]
mod tests {
    use super::super::annotation::push_second;
    use super::*;
    use proptest::prelude::*;

    fn command(words: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        resp::push_command(&mut bytes, &words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>());
        bytes
    }

    /// Walks as far as it goes.
    fn walk(bytes: &[u8]) -> (Walk, Result<(), Fault>) {
        let mut walk = Walk::new();
        loop {
            match walk.next(&bytes[walk.offset() as usize..]) {
                Ok(Found::More) => return (walk, Ok(())),
                Ok(_) => {}
                Err(fault) => return (walk, Err(fault)),
            }
        }
    }

    #[test]
    fn a_transaction_is_whole_or_not_there() {
        let (set, multi, exec) = (command(&["SET", "k", "v"]), command(&["multi"]), command(&["Exec"]));
        let bytes = [&set[..], &multi, &set, &set].concat();
        let (at, result) = walk(&bytes);
        assert!(result.is_ok() && at.in_transaction());
        assert_eq!(at.whole(), Mark { offset: set.len() as u64, lines: 7 });
        let bytes = [&bytes[..], &exec].concat();
        let (at, _) = walk(&bytes);
        assert_eq!((at.whole().offset, at.in_transaction()), (bytes.len() as u64, false));
    }

    #[test]
    fn transactions_do_not_overlap() {
        let (set, multi, exec) = (command(&["SET", "k", "v"]), command(&["MULTI"]), command(&["EXEC"]));
        let damage =
            |parts: &[&[u8]]| walk(&parts.concat()).1.map_err(|fault| (fault.at, fault.line, fault.damage));
        assert_eq!(damage(&[&set, &exec]), Err((set.len() as u64, 8, Damage::Misplaced("EXEC"))));
        assert_eq!(damage(&[&multi, &multi]), Err((multi.len() as u64, 4, Damage::Misplaced("MULTI"))));
    }

    #[test]
    fn seconds_are_noted() {
        let mut bytes = Vec::new();
        push_second(&mut bytes, 7);
        bytes.extend(command(&["SET", "k", "v"]));
        let second_at = bytes.len() as u64;
        push_second(&mut bytes, 9);
        let (at, _) = walk(&bytes);
        assert_eq!((at.second(), at.second_at()), (Some(9), second_at));
    }

    /// A file of batches, each with its seal.
    fn sealed(batches: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        Unsealed::default().seal().push(&mut bytes);
        for batch in batches {
            let mut unsealed = Unsealed::default();
            unsealed.add(batch);
            bytes.extend_from_slice(batch);
            unsealed.seal().push(&mut bytes);
        }
        bytes
    }

    #[test]
    fn checksums_may_be_turned_on_and_off() {
        let set = command(&["SET", "k", "v"]);
        let bytes =
            [&set[..], &sealed(std::slice::from_ref(&set)), &set, &sealed(&[set.clone(), set.clone()])]
                .concat();
        assert_eq!(walk(&bytes).1, Ok(()));
        let (at, result) = walk(&[&bytes[..], &set].concat());
        assert_eq!((result, at.unsealed_bytes()), (Ok(()), Some(set.len() as u64)));
        assert_eq!(walk(&set).0.unsealed_bytes(), None);
    }

    proptest! {
        #[test]
        fn any_changed_byte_under_checksums_is_found(values in proptest::collection::vec("[a-z#*0-9\r\n]{0,20}", 1..8),
                                                     at: prop::sample::Index, to: u8) {
            let batches: Vec<_> = values.iter().map(|value| command(&["SET", "k", value])).collect();
            let bytes = sealed(&batches);
            let at = at.index(bytes.len());
            let mut changed = bytes.clone();
            changed[at] = to;
            prop_assume!(changed != bytes);
            let (way, result) = walk(&changed);
            // Either damage is found, around the byte, or the end is cut off before it, or it is in the last seal.
            let last_seal = bytes.len() - 27;
            let (from, to) = match result {
                Err(Fault { at, damage: Damage::Checksum { line_at }, .. }) => (at, line_at + 60),
                Err(Fault { damage: Damage::ChecksumGap, .. }) => (0, way.offset()),
                Err(fault) => (way.whole().offset, fault.at),
                Ok(()) if way.offset() < changed.len() as u64 => (way.whole().offset, changed.len() as u64),
                Ok(()) if way.unsealed_bytes() > Some(0) => (last_seal as u64, changed.len() as u64),
                Ok(()) => (u64::MAX, 0),
            };
            prop_assert!(from <= at as u64 + 20 && at as u64 <= to, "{from} {at} {to}");
        }
    }
}
