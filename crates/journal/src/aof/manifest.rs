//! The manifest: which files make up the append-only log, in lines of names and values.
//!
//! ```text
//! file appendonly.aof.2.base.rdb seq 2 type b        at most one base
//! file appendonly.aof.1.incr.aof seq 1 type h        history: no longer needed, to be removed
//! file appendonly.aof.2.incr.aof seq 2 type i        changes, in ascending order
//! ```
//!
//! Names that contain spaces, quotes or bytes beyond printable ASCII are quoted. Further names and values in a line are
//! passed over, as newer servers write some. The form is that of Redis 7.

use super::names::{BaseFormat, Names};
use base::quote::{push_quoted, split_args};
use std::fmt;

/// What a file is to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// The state that the changes start from.
    Base,
    /// A file that a rewrite has made useless.
    History,
    /// Changes.
    Incremental,
}

impl FileKind {
    fn letter(self) -> char {
        match self {
            FileKind::Base => 'b',
            FileKind::History => 'h',
            FileKind::Incremental => 'i',
        }
    }

    /// Only the first letter counts.
    fn named(text: &[u8]) -> Option<FileKind> {
        match text.first()? {
            b'b' => Some(FileKind::Base),
            b'h' => Some(FileKind::History),
            b'i' => Some(FileKind::Incremental),
            _ => None,
        }
    }
}

/// A file of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileInfo {
    /// Its name in the log's directory.
    pub name: Vec<u8>,
    /// Its number among those of its kind; at least 1.
    pub seq: u64,
    /// What it is.
    pub kind: FileKind,
}

impl FileInfo {
    /// In what form it is, if it is a base that was given its name here.
    pub fn base_format(&self) -> BaseFormat {
        if self.name.ends_with(b".rdb") { BaseFormat::Rdb } else { BaseFormat::Aof }
    }
}

/// Which files make up the log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// The state that the changes start from; none: from nothing.
    pub base: Option<FileInfo>,
    /// Files to be removed, those that became useless last first.
    pub history: Vec<FileInfo>,
    /// The changes, in their order.
    pub incremental: Vec<FileInfo>,
    /// The highest number that a base has had.
    base_seq: u64,
    /// The highest number that a file of changes has had.
    incremental_seq: u64,
}

/// Longest line, its end included.
const MAX_LINE: usize = 1024;

/// Why a text is no manifest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestFault {
    /// No line at all.
    Empty,
    /// A line that is longer than 1,024 bytes, or that doesn't end.
    LongLine,
    /// A line that isn't what is shown above.
    Format,
    /// A name that leads out of the directory.
    Path,
    /// A second base.
    DuplicateBase,
    /// A type that nobody knows.
    UnknownKind,
    /// A file of changes whose number isn't above the last one's.
    Order,
}

/// What is wrong with a manifest, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManifestError {
    /// What is wrong.
    pub fault: ManifestFault,
    /// The line, counted from 1, and its text; none where it isn't about a line's content.
    pub line: Option<(usize, Vec<u8>)>,
}

impl fmt::Display for ManifestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ManifestFault::Empty => "Found an empty AOF manifest",
            ManifestFault::LongLine => "The AOF manifest file contains too long line",
            ManifestFault::Format => "Invalid AOF manifest file format",
            ManifestFault::Path => "File can't be a path, just a filename",
            ManifestFault::DuplicateBase => "Found duplicate base file information",
            ManifestFault::UnknownKind => "Unknown AOF file type",
            ManifestFault::Order => "Found a non-monotonic sequence number",
        })
    }
}

impl Manifest {
    /// Reads a manifest. Linear time.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(text: &[u8]) -> Result<Manifest, ManifestError> {
        let mut manifest = Manifest::default();
        let whole = |fault| ManifestError { fault, line: None };
        if text.is_empty() {
            return Err(whole(ManifestFault::Empty));
        }
        for (at, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if line.starts_with(b"#") {
                continue;
            }
            if line.len() > MAX_LINE || !line.ends_with(b"\n") {
                return Err(whole(ManifestFault::LongLine));
            }
            let line = line.trim_ascii();
            manifest
                .add_line(line)
                .map_err(|fault| ManifestError { fault, line: Some((at + 1, line.to_vec())) })?;
        }
        Ok(manifest)
    }

    fn add_line(&mut self, line: &[u8]) -> Result<(), ManifestFault> {
        let file = parse_line(line)?;
        match file.kind {
            FileKind::Base if self.base.is_some() => return Err(ManifestFault::DuplicateBase),
            FileKind::Base => {
                self.base_seq = file.seq;
                self.base = Some(file);
            }
            FileKind::History => self.history.push(file),
            FileKind::Incremental if file.seq <= self.incremental_seq => return Err(ManifestFault::Order),
            FileKind::Incremental => {
                self.incremental_seq = file.seq;
                self.incremental.push(file);
            }
        }
        Ok(())
    }

    /// The manifest's text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for file in self.base.iter().chain(&self.history).chain(&self.incremental) {
            text.extend_from_slice(b"file ");
            push_name(&mut text, &file.name);
            text.extend_from_slice(format!(" seq {} type {}\n", file.seq, file.kind.letter()).as_bytes());
        }
        text
    }

    /// The files to be loaded, in their order.
    pub fn to_load(&self) -> impl DoubleEndedIterator<Item = &FileInfo> + Clone {
        self.base.iter().chain(&self.incremental)
    }

    /// Whether there is nothing to load.
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.incremental.is_empty()
    }

    /// Makes a file that is there already the base: the single file of an older server.
    pub fn adopt_base(&mut self, name: &[u8]) {
        self.base_seq += 1;
        self.base = Some(FileInfo { name: name.to_vec(), seq: self.base_seq, kind: FileKind::Base });
    }

    /// The base that the next rewrite would write.
    pub fn next_base(&self, names: &Names, format: BaseFormat) -> FileInfo {
        let seq = self.base_seq + 1;
        FileInfo { name: names.base(seq, format), seq, kind: FileKind::Base }
    }

    /// The file of changes that the next switch would begin.
    pub fn next_incremental(&self, names: &Names) -> FileInfo {
        let seq = self.incremental_seq + 1;
        FileInfo { name: names.incremental(seq), seq, kind: FileKind::Incremental }
    }

    /// Adds a file that [`Manifest::next_incremental`] has given.
    pub fn push_incremental(&mut self, file: FileInfo) {
        self.incremental_seq = file.seq;
        self.incremental.push(file);
    }

    /// A rewrite is done: `base`, which [`Manifest::next_base`] has given, holds what the base before it and the files of
    /// changes below `first_kept` held; these become history.
    pub fn replace_base(&mut self, base: FileInfo, first_kept: u64) {
        self.base_seq = base.seq;
        let old_base = self.base.replace(base);
        let (old, kept) =
            std::mem::take(&mut self.incremental).into_iter().partition(|file| file.seq < first_kept);
        self.incremental = kept;
        for file in old_base.into_iter().chain(old as Vec<FileInfo>) {
            self.history.insert(0, FileInfo { kind: FileKind::History, ..file });
        }
    }
}

fn parse_line(line: &[u8]) -> Result<FileInfo, ManifestFault> {
    let words = split_args(line).ok_or(ManifestFault::Format)?;
    if words.len() < 6 || words.len() % 2 != 0 {
        return Err(ManifestFault::Format);
    }
    let (mut name, mut seq, mut kind) = (None, None, None);
    for pair in words.chunks_exact(2) {
        match pair[0].to_ascii_lowercase().as_slice() {
            b"file" if pair[1].contains(&b'/') => return Err(ManifestFault::Path),
            b"file" => name = Some(&pair[1]),
            b"seq" => seq = base::num::parse_u64(&pair[1]).filter(|seq| *seq > 0),
            b"type" => kind = Some(&pair[1]),
            _ => {}
        }
    }
    let (Some(name), Some(seq), Some(kind)) = (name, seq, kind) else { return Err(ManifestFault::Format) };
    let kind = FileKind::named(kind).ok_or(ManifestFault::UnknownKind)?;
    Ok(FileInfo { name: name.clone(), seq, kind })
}

/// Appends a name, quoted if it has to be.
fn push_name(text: &mut Vec<u8>, name: &[u8]) {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\".contains(byte);
    if !name.is_empty() && name.iter().all(plain) {
        text.extend_from_slice(name);
    } else {
        push_quoted(text, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> Option<(ManifestFault, Option<usize>)> {
        let error = Manifest::parse(text.as_bytes()).err()?;
        Some((error.fault, error.line.map(|(number, _)| number)))
    }

    #[test]
    fn faults_are_told_apart() {
        let i1 = "file a.1.incr.aof seq 1 type i\n";
        let long = format!("file {} seq 1 type i\n", "a".repeat(1100));
        let cases: [(&str, ManifestFault, Option<usize>); 13] = [
            ("", ManifestFault::Empty, None),
            (&long, ManifestFault::LongLine, None),
            ("file a seq 1 type i", ManifestFault::LongLine, None),
            ("\n", ManifestFault::Format, Some(1)),
            ("filx a seq 1 type b\n", ManifestFault::Format, Some(1)),
            ("file a type i\n", ManifestFault::Format, Some(1)),
            ("file a seq 1 type i more\n", ManifestFault::Format, Some(1)),
            ("file \"a seq 1 type i\n", ManifestFault::Format, Some(1)),
            ("file a seq 0 type i\n", ManifestFault::Format, Some(1)),
            ("file a seq x type i\n", ManifestFault::Format, Some(1)),
            ("file a/b seq 1 type i\n", ManifestFault::Path, Some(1)),
            ("# c\nfile a seq 1 type x\n", ManifestFault::UnknownKind, Some(2)),
            ("file a seq 1 type b\nfile b seq 2 type b\n", ManifestFault::DuplicateBase, Some(2)),
        ];
        for (text, want, line) in cases {
            assert_eq!(fault(text), Some((want, line)), "{text}");
        }
        assert_eq!(fault(&[i1, i1].concat()), Some((ManifestFault::Order, Some(2))));
    }

    #[test]
    fn what_newer_servers_add_is_passed_over() {
        let text = b"seq 3 file \"a b\" TYPE incr startoffset 0\r\n#\nfile c seq 7 type i endoffset 9\n";
        let manifest = Manifest::parse(text).unwrap();
        let files: Vec<_> = manifest.to_load().map(|file| (&file.name[..], file.seq)).collect();
        assert_eq!(files, [(&b"a b"[..], 3), (b"c", 7)]);
        let names = Names::new(b"d", b"x");
        assert_eq!(manifest.next_incremental(&names).name, b"x.8.incr.aof");
        assert_eq!(manifest.next_base(&names, BaseFormat::Rdb).name, b"x.1.base.rdb");
    }

    #[test]
    fn a_rewrite_makes_history() {
        let names = Names::new(b"d", b"x");
        let mut manifest = Manifest::default();
        for _ in 0..3 {
            let next = manifest.next_incremental(&names);
            let first_kept = next.seq;
            manifest.push_incremental(next);
            manifest.replace_base(manifest.next_base(&names, BaseFormat::Aof), first_kept);
        }
        let want = "file x.3.base.aof seq 3 type b\n\
                    file x.2.incr.aof seq 2 type h\n\
                    file x.2.base.aof seq 2 type h\n\
                    file x.1.incr.aof seq 1 type h\n\
                    file x.1.base.aof seq 1 type h\n\
                    file x.3.incr.aof seq 3 type i\n";
        assert_eq!(String::from_utf8(manifest.text()).unwrap(), want);
        manifest.history.clear();
        assert_eq!(manifest.text(), b"file x.3.base.aof seq 3 type b\nfile x.3.incr.aof seq 3 type i\n");
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|name| name.into_iter().filter(|b| *b != b'/').collect())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(base in proptest::option::of((name(), 1..99u64)),
                                   history in proptest::collection::vec((name(), 1..99u64, any::<bool>()), 0..4),
                                   incremental in proptest::collection::vec((name(), 1..9u64), 0..4)) {
            let mut manifest = Manifest::default();
            if let Some((name, seq)) = base {
                manifest.base_seq = seq;
                manifest.base = Some(FileInfo { name, seq, kind: FileKind::Base });
            }
            manifest.history = history.into_iter()
                .map(|(name, seq, _)| FileInfo { name, seq, kind: FileKind::History }).collect();
            for (name, step) in incremental {
                let seq = manifest.incremental_seq + step;
                manifest.push_incremental(FileInfo { name, seq, kind: FileKind::Incremental });
            }
            let text = manifest.text();
            prop_assert_eq!(Manifest::parse(&text).ok(), (!text.is_empty()).then_some(manifest));
        }

        #[test]
        fn any_bytes_are_a_manifest_or_an_error(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Manifest::parse(&text);
        }
    }
}
