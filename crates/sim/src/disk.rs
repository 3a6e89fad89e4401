//! A disk that breaks: it fails or tears chosen operations, and when the power is cut it keeps what was forced to it and an
//! arbitrary part of the rest.
//!
//! What may survive a cut, as far as it wasn't forced to the disk:
//! - of a file, some of the operations on it, from the first one on. Of what they wrote over existing bytes any sectors may
//!   be there, each by itself; of what they appended a beginning, cut anywhere.
//! - of a directory, some of the changes of its names, from the first one on.
//!
//! A file that couldn't be forced to the disk has lost what was to be forced, though reading still shows it.

use base::prng::Prng;
use journal::disk::{Disk, File};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

/// Bytes that are written as a whole or not at all.
const SECTOR: u64 = 512;

/// What happens at an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It fails.
    Fails,
    /// A part is written, then it fails.
    Tears,
    /// There is no space: this operation and those of the next ones that need space fail.
    Full {
        /// So many operations.
        operations: u64,
    },
    /// The power is cut: this operation and all after it fail.
    PowerCut,
}

/// The disk. Clones share it.
#[derive(Clone)]
pub struct FaultyDisk(Arc<Mutex<State>>);

struct State {
    directories: BTreeMap<Vec<u8>, Directory>,
    files: Vec<Content>,
    /// Operations so far.
    operations: u64,
    fault: Option<(u64, Fault)>,
    rng: Prng,
}

#[derive(Clone, Default)]
struct Directory {
    names: BTreeMap<Vec<u8>, usize>,
    /// As forced to the disk.
    durable: BTreeMap<Vec<u8>, usize>,
    changes: Vec<Change>,
    /// Whether the directory's own name was forced to the disk.
    exists: bool,
}

#[derive(Clone)]
enum Change {
    Link(Vec<u8>, usize),
    Unlink(Vec<u8>),
    Rename { from: Vec<u8>, to: Vec<u8> },
}

#[derive(Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    /// As forced to the disk.
    durable: Vec<u8>,
    writes: Vec<Write>,
}

#[derive(Clone)]
enum Write {
    At(u64, Vec<u8>),
    Truncate(u64),
}

impl Write {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Write::At(offset, new) => {
                let start = *offset as usize;
                bytes.resize(bytes.len().max(start + new.len()), 0);
                bytes[start..start + new.len()].copy_from_slice(new);
            }
            Write::Truncate(len) => bytes.resize(*len as usize, 0),
        }
    }

    /// As [`Write::apply`], but only a part. Answers whether the file has got all its new length.
    fn apply_torn(&self, bytes: &mut Vec<u8>, rng: &mut Prng) -> bool {
        let Write::At(offset, new) = self else {
            self.apply(bytes);
            return true;
        };
        let existing = (bytes.len() as u64).saturating_sub(*offset).min(new.len() as u64);
        let mut at = 0;
        while at < existing {
            let next = ((offset + at) / SECTOR + 1) * SECTOR - offset;
            let next = next.min(existing);
            if rng.below(2) == 0 {
                Write::At(offset + at, new[at as usize..next as usize].to_vec()).apply(bytes);
            }
            at = next;
        }
        let appended = &new[existing as usize..];
        let kept = rng.below(appended.len() as u64 + 1) as usize;
        if kept > 0 {
            Write::At(offset + existing, appended[..kept].to_vec()).apply(bytes);
        }
        kept == appended.len()
    }
}

impl Content {
    fn write(&mut self, write: Write) {
        write.apply(&mut self.bytes);
        self.writes.push(write);
    }

    fn sync(&mut self) {
        // Not a copy of `bytes`: what an earlier failure has lost is shown, but isn't there.
        for write in std::mem::take(&mut self.writes) {
            write.apply(&mut self.durable);
        }
    }

    fn after_cut(&self, rng: &mut Prng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let kept = rng.below(self.writes.len() as u64 + 1) as usize;
        let sure = rng.below(kept as u64 + 1) as usize;
        for (at, write) in self.writes[..kept].iter().enumerate() {
            if at < sure {
                write.apply(&mut bytes);
            } else if !write.apply_torn(&mut bytes, rng) {
                // What comes behind can't be there.
                break;
            }
        }
        bytes
    }
}

impl Directory {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.changes.push(change);
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<Vec<u8>, usize>) {
        match self {
            Change::Link(name, file) => drop(names.insert(name.clone(), *file)),
            Change::Unlink(name) => drop(names.remove(name)),
            Change::Rename { from, to } => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

/// A name's directory and the rest.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (b"", name),
    }
}

impl State {
    /// Counts an operation; answers what happens at it. `grows`: it needs space.
    fn operation(&mut self, grows: bool) -> io::Result<Option<Fault>> {
        self.operations += 1;
        let Some((at, fault)) = self.fault.filter(|(at, _)| *at <= self.operations) else { return Ok(None) };
        let since = self.operations - at;
        match fault {
            Fault::PowerCut => Err(io::Error::other("the power is cut")),
            Fault::Full { operations } if since < operations && grows => {
                Err(io::ErrorKind::StorageFull.into())
            }
            Fault::Fails if since == 0 => Err(io::Error::other("an I/O error")),
            Fault::Tears if since == 0 => Ok(Some(fault)),
            _ => Ok(None),
        }
    }

    fn directory(&mut self, name: &[u8]) -> io::Result<&mut Directory> {
        self.directories.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn find(&mut self, name: &[u8]) -> io::Result<usize> {
        let (directory, name) = split(name);
        self.directory(directory)?.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl FaultyDisk {
    /// An empty disk; `seed` decides what survives.
    pub fn new(seed: u64) -> FaultyDisk {
        let root = Directory { exists: true, ..Directory::default() };
        let state = State {
            directories: BTreeMap::from([(Vec::new(), root)]),
            files: Vec::new(),
            operations: 0,
            fault: None,
            rng: Prng::new(seed),
        };
        FaultyDisk(Arc::new(Mutex::new(state)))
    }

    /// Lets this happen at the operation with this number, counted from 1.
    pub fn break_at(&self, operation: u64, fault: Fault) {
        self.0.lock().fault = Some((operation, fault));
    }

    /// Operations so far.
    pub fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    /// The disk after a cut of the power: a new one, which works. May be called several times, with other outcomes.
    pub fn after_cut(&self) -> FaultyDisk {
        let mut state = self.0.lock();
        let mut rng = Prng::new(state.rng.next_u64());
        let files: Vec<Content> =
            state.files.iter().map(|file| Content::durably(file.after_cut(&mut rng))).collect();
        let mut directories = BTreeMap::new();
        for (name, directory) in &state.directories {
            if !directory.exists && rng.below(2) == 0 {
                continue;
            }
            let mut names = directory.durable.clone();
            let kept = rng.below(directory.changes.len() as u64 + 1) as usize;
            directory.changes[..kept].iter().for_each(|change| change.apply(&mut names));
            let kept = Directory { durable: names.clone(), names, changes: Vec::new(), exists: true };
            directories.insert(name.clone(), kept);
        }
        let state = State { directories, files, operations: 0, fault: None, rng };
        FaultyDisk(Arc::new(Mutex::new(state)))
    }

    /// The disk after the process was killed: everything that it did is there.
    pub fn after_kill(&self) -> FaultyDisk {
        let state = self.0.lock();
        let files = state.files.iter().map(|file| Content::durably(file.bytes.clone())).collect();
        let mut directories = state.directories.clone();
        for directory in directories.values_mut() {
            directory.durable = directory.names.clone();
            directory.changes.clear();
            directory.exists = true;
        }
        let rng = Prng::new(state.operations);
        FaultyDisk(Arc::new(Mutex::new(State { directories, files, operations: 0, fault: None, rng })))
    }
}

impl Content {
    fn durably(bytes: Vec<u8>) -> Content {
        Content { durable: bytes.clone(), bytes, writes: Vec::new() }
    }
}

/// An open file of it.
struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl Disk for FaultyDisk {
    fn create(&self, name: &[u8]) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        state.operation(true)?;
        if let Ok(file) = state.find(name) {
            state.files[file].write(Write::Truncate(0));
            return Ok(Arc::new(FaultyFile { disk: self.clone(), file }));
        }
        let file = state.files.len();
        let (directory, name) = split(name);
        state.directory(directory)?.change(Change::Link(name.to_vec(), file));
        state.files.push(Content::default());
        Ok(Arc::new(FaultyFile { disk: self.clone(), file }))
    }

    fn open(&self, name: &[u8]) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        state.operation(false)?;
        let file = state.find(name)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.operation(false)?;
        let file = state.find(from)?;
        let ((from_directory, from), (to_directory, to)) = (split(from), split(to));
        if from_directory == to_directory {
            let change = Change::Rename { from: from.to_vec(), to: to.to_vec() };
            state.directory(to_directory)?.change(change);
            return Ok(());
        }
        state.directory(to_directory)?.change(Change::Link(to.to_vec(), file));
        state.directory(from_directory)?.change(Change::Unlink(from.to_vec()));
        Ok(())
    }

    fn remove(&self, name: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.operation(false)?;
        state.find(name)?;
        let (directory, name) = split(name);
        state.directory(directory)?.change(Change::Unlink(name.to_vec()));
        Ok(())
    }

    fn create_dir(&self, name: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.operation(true)?;
        state.directories.entry(name.to_vec()).or_default();
        Ok(())
    }

    fn list(&self, name: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let mut state = self.0.lock();
        state.operation(false)?;
        Ok(state.directory(name)?.names.keys().cloned().collect())
    }

    fn sync_dir(&self, name: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        state.operation(false)?;
        let directory = state.directory(name)?;
        directory.durable = directory.names.clone();
        directory.changes.clear();
        let below: BTreeSet<Vec<u8>> = state
            .directories
            .keys()
            .filter(|other| !other.is_empty() && split(other).0 == name)
            .cloned()
            .collect();
        below.iter().for_each(|other| {
            if let Some(other) = state.directories.get_mut(other) {
                other.exists = true;
            }
        });
        Ok(())
    }
}

impl FaultyFile {
    fn with<R>(
        &self,
        grows: impl FnOnce(&Content) -> bool,
        act: impl FnOnce(&mut Content, Option<Fault>, &mut Prng) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut state = self.disk.0.lock();
        let grows = grows(&state.files[self.file]);
        let fault = state.operation(grows)?;
        let State { files, rng, .. } = &mut *state;
        act(&mut files[self.file], fault, rng)
    }
}

impl File for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|_| false, |content, _, _| Ok(content.bytes.len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(
            |_| false,
            |content, _, _| {
                let rest = content.bytes.get(offset as usize..).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            },
        )
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let grows = |content: &Content| offset + bytes.len() as u64 > content.bytes.len() as u64;
        self.with(grows, |content, fault, rng| {
            let count = match fault {
                Some(_) => rng.below(bytes.len() as u64) as usize,
                None => bytes.len(),
            };
            if count > 0 {
                content.write(Write::At(offset, bytes[..count].to_vec()));
            }
            if count == 0 { Err(io::Error::other("an I/O error")) } else { Ok(count) }
        })
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.with(
            |_| false,
            |content, _, _| {
                content.write(Write::Truncate(len));
                Ok(())
            },
        )
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let result = state.operation(false);
        let State { files, rng, .. } = &mut *state;
        let content = &mut files[self.file];
        if result.is_err() || matches!(result, Ok(Some(_))) {
            // Some of it has reached the disk, the rest never will.
            content.durable = content.after_cut(rng);
            content.writes.clear();
            return result.and(Err(io::Error::other("an I/O error")));
        }
        content.sync();
        Ok(())
    }
}
