//! The file of changes that is being written, and the list of files it stands in.
//!
//! ```text
//!  file    |  durable  |  written  | (pieces to write) |   ####...####\n
//!                      ^           ^                   ^ end           ^ len: set aside
//!          pieces:       [p0] [p1]   [p2] [p3]
//! ```
//!
//! Bytes stay in memory as pieces until they are known to be on the disk, each with its place in the file: whatever fails is
//! simply done again. That matters most when forcing bytes to the disk fails: the system may then have given them up, and
//! only writing them again makes the next success mean something.

use super::annotation::{Unsealed, push_second};
use super::extent::MAX_BATCH;
use super::manifest::{FileInfo, Manifest};
use super::names::Names;
use super::startup::{make_directory, write_manifest};
use crate::disk::{Disk, File};
use crate::stream::Offset;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// Space is set aside by at least so many bytes,
const MIN_ASIDE: u64 = 256 << 10;
/// and by at most so many; between them by a quarter of the file.
const MAX_ASIDE: u64 = 4 << 20;
/// So much of it stays unused, so that it is a line by itself.
const SPACE_LEFT: u64 = 64;

/// Why bytes aren't where they have to be.
#[derive(Debug)]
pub enum Failure {
    /// They couldn't be written.
    Write(io::Error),
    /// Only a part of them could be written.
    Short {
        /// So many were.
        written: u64,
        /// Of so many.
        expected: u64,
        /// What kept the rest from it.
        error: io::Error,
        /// The part couldn't be taken back, for this reason.
        left_behind: Option<io::Error>,
    },
    /// They couldn't be forced to the disk.
    Sync(io::Error),
    /// The list of files couldn't be replaced.
    Manifest(io::Error),
}

impl Failure {
    /// The system's reason.
    pub fn error(&self) -> &io::Error {
        match self {
            Failure::Write(error) | Failure::Sync(error) | Failure::Manifest(error) => error,
            Failure::Short { error, .. } => error,
        }
    }
}

/// What is written besides records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extras {
    /// The second in which records came about, before them: `aof-timestamp-enabled`.
    pub seconds: bool,
    /// A checksum behind each batch: `aof-checksum`.
    pub checksums: bool,
    /// Space is set aside: a flush then has no new length to note. Batches get checksums.
    pub aside: bool,
}

impl Extras {
    fn seals(self) -> bool {
        self.checksums || self.aside
    }
}

/// Bytes that aren't known to be on the disk.
struct Piece {
    at: u64,
    bytes: Vec<u8>,
    /// Up to this offset the journal is in the file when these bytes are.
    end: Offset,
}

/// The append-only files, open for writing.
pub struct Log {
    disk: Arc<dyn Disk>,
    names: Names,
    manifest: Manifest,
    /// The name of a file that isn't in the list yet: the first one, before there is a base for it.
    unlisted: Option<Vec<u8>>,
    file: Arc<dyn File>,
    /// Behind the last piece.
    end: u64,
    /// The length of the file, as far as space is set aside; else what lies beyond `end` means nothing.
    len: u64,
    pieces: VecDeque<Piece>,
    /// So many pieces are in the file.
    written: usize,
    /// Bytes written so far, those written again included.
    total_bytes: u64,
    /// All that is in the file has been forced to the disk.
    clean: bool,
    /// The journal's offset behind the last record.
    records_end: Offset,
    /// The bytes since the last seal, while batches are sealed.
    unsealed: Option<Unsealed>,
    /// Until the file is so long, no more space is set aside: there was none.
    no_space_until: u64,
    /// The second noted last.
    second: i64,
    /// Buffers that are free again.
    spent: Vec<Vec<u8>>,
}

impl Log {
    /// Writes on at the end of `file`, the last file of changes in the list.
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        names: Names,
        manifest: Manifest,
        file: Arc<dyn File>,
        end: u64,
    ) -> Log {
        Log {
            disk,
            names,
            manifest,
            unlisted: None,
            file,
            end,
            len: end,
            pieces: VecDeque::new(),
            written: 0,
            total_bytes: 0,
            clean: true,
            records_end: 0,
            unsealed: None,
            no_space_until: 0,
            second: 0,
            spent: Vec::new(),
        }
    }

    /// Writes a new file under a temporary name, which [`Log::install`] puts into the list together with the base that it
    /// belongs to.
    ///
    /// # Errors
    /// The system's.
    pub fn unlisted(disk: Arc<dyn Disk>, names: Names, manifest: Manifest) -> io::Result<Log> {
        make_directory(&*disk, &names)?;
        let name = names.temporary_incremental();
        let file = disk.create(&names.path(&name))?;
        Ok(Log { unlisted: Some(name), ..Log::new(disk, names, manifest, file, 0) })
    }

    /// Which files there are.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The names in use.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Bytes of the file of changes, those still to be written included.
    pub fn size(&self) -> u64 {
        self.end
    }

    /// Bytes that aren't in the file yet.
    pub fn unwritten_bytes(&self) -> usize {
        self.pieces.range(self.written..).map(|piece| piece.bytes.len()).sum()
    }

    /// Bytes that aren't known to be on the disk.
    pub fn unsafe_bytes(&self) -> u64 {
        self.pieces.front().map_or(0, |first| self.end - first.at)
    }

    /// The journal's offset behind what is in the file and is still kept in memory; none if nothing is.
    pub fn written(&self) -> Option<Offset> {
        self.written.checked_sub(1).map(|last| self.pieces[last].end)
    }

    /// Bytes written so far, those that had to be written again included.
    pub fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// Whether all that is in the file has been forced to the disk.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Takes records, whole Units of one second, that end at this offset of the journal. Nothing is written yet.
    pub fn add(&mut self, records: Vec<u8>, second: i64, end: Offset, extras: Extras) {
        if !extras.seals() {
            self.unsealed = None;
        } else if self.unsealed.is_none() {
            self.push_line(|line| Unsealed::default().seal().push(line));
            self.unsealed = Some(Unsealed::default());
        }
        if extras.seconds && second != self.second {
            self.push_line(|line| push_second(line, second));
            self.second = second;
        }
        let before = std::mem::replace(&mut self.records_end, end);
        self.push(records, if self.unsealed.is_some() { before } else { end });
    }

    /// Adds the seal of the batch: all that has been added since the last one.
    fn seal(&mut self) {
        let Some(unsealed) = self.unsealed.filter(|unsealed| !unsealed.is_empty()) else { return };
        self.unsealed = None;
        self.push_line(|line| unsealed.seal().push(line));
        if unsealed.len() > MAX_BATCH {
            // Who looks for the last seal doesn't look back so far.
            self.push_line(|line| Unsealed::default().seal().push(line));
        }
        self.unsealed = Some(Unsealed::default());
    }

    fn push_line(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut line = self.spent.pop().unwrap_or_default();
        line.clear();
        write(&mut line);
        self.push(line, self.records_end);
    }

    fn push(&mut self, bytes: Vec<u8>, end: Offset) {
        let at = self.end;
        self.end += bytes.len() as u64;
        self.unsealed.iter_mut().for_each(|unsealed| unsealed.add(&bytes));
        self.pieces.push_back(Piece { at, bytes, end });
    }

    /// Writes all pieces that aren't in the file, in their order; those before a failure are.
    ///
    /// # Errors
    /// The first failure; a further call begins with the piece that failed.
    pub fn write(&mut self, extras: Extras) -> Result<(), Failure> {
        self.seal();
        let Some(first) = self.pieces.get(self.written).map(|piece| piece.at) else { return Ok(()) };
        self.arrange_space(first, extras.aside)?;
        while let Some(piece) = self.pieces.get(self.written) {
            self.clean = false;
            write_whole(&*self.file, piece.at, &piece.bytes, self.len)?;
            self.written += 1;
            self.total_bytes += piece.bytes.len() as u64;
        }
        Ok(())
    }

    /// Sees to it that the pieces, which begin at `first`, find enough space set aside, or none at all.
    fn arrange_space(&mut self, first: u64, aside: bool) -> Result<(), Failure> {
        let needed = self.end - first + SPACE_LEFT;
        // What is torn within unused space has holes. A large batch makes the file longer instead.
        let over = aside && needed <= MAX_BATCH;
        if over && self.len >= first + needed {
            return Ok(());
        }
        if over && first >= self.no_space_until {
            return self.set_aside(first);
        }
        if self.len > first {
            self.file.truncate(first).map_err(Failure::Write)?;
        }
        self.len = first;
        Ok(())
    }

    /// Lengthens the file behind `from`. A disk that is full keeps nobody from writing what fits.
    fn set_aside(&mut self, from: u64) -> Result<(), Failure> {
        let start = self.len.max(from);
        let more = (self.end / 4).clamp(MIN_ASIDE, MAX_ASIDE) + MAX_BATCH;
        let filler = vec![b'#'; MIN_ASIDE as usize];
        let stop = start + more;
        // The line's end of the space there is already becomes a part of the new line.
        let mut at = start.saturating_sub(u64::from(self.len > from));
        let mut filled = Ok(());
        while at < stop && filled.is_ok() {
            let count = (stop - at).min(MIN_ASIDE) as usize;
            let last = at + count as u64 == stop;
            let bytes = if last { [&filler[1..count], b"\n"].concat() } else { filler[..count].to_vec() };
            filled = write_whole(&*self.file, at, &bytes, stop);
            at += count as u64;
        }
        match filled.and_then(|()| self.file.sync().map_err(Failure::Sync)) {
            Ok(()) => self.len = stop,
            Err(_) => {
                self.file.truncate(from).map_err(Failure::Write)?;
                self.len = from;
                self.no_space_until = from + MAX_ASIDE;
            }
        }
        Ok(())
    }

    /// The file, to be forced to the disk by another thread, which covers what is in it now. Then comes
    /// [`Log::is_safe`] or [`Log::is_lost`].
    pub fn begin_sync(&mut self) -> Arc<dyn File> {
        self.clean = true;
        self.file.clone()
    }

    /// Forces what is in the file to the disk.
    ///
    /// # Errors
    /// [`Failure::Sync`]; everything that wasn't known to be on the disk will be written again.
    pub fn sync(&mut self) -> Result<(), Failure> {
        match self.begin_sync().sync() {
            Ok(()) => {
                self.is_safe(self.written().unwrap_or(0));
                Ok(())
            }
            Err(error) => {
                self.is_lost();
                Err(Failure::Sync(error))
            }
        }
    }

    /// What is in the file up to this offset of the journal is known to be on the disk, or need not be.
    pub fn is_safe(&mut self, end: Offset) {
        while self.written > 0 && self.pieces[0].end <= end {
            self.written -= 1;
            self.spent.extend(self.pieces.pop_front().map(|piece| piece.bytes));
        }
    }

    /// Forcing to the disk has failed: what isn't known to be there will be written again.
    pub fn is_lost(&mut self) {
        self.written = 0;
        self.clean = false;
    }

    /// Buffers that are free again.
    pub fn take_spent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.spent)
    }

    /// Ends the file of changes and begins the next one. Everything that was added must be written.
    ///
    /// # Errors
    /// When the old file couldn't be completed, the new one made, or the list replaced; then the old one stays in use, and
    /// a further call may succeed.
    pub fn begin_file(&mut self) -> Result<FileInfo, Failure> {
        debug_assert_eq!(self.written, self.pieces.len(), "the old file is complete");
        self.complete()?;
        let next = self.manifest.next_incremental(&self.names);
        let file = self.disk.create(&self.names.path(&next.name)).map_err(Failure::Write)?;
        file.sync().map_err(Failure::Sync)?;
        let mut manifest = self.manifest.clone();
        manifest.push_incremental(next.clone());
        let before = std::mem::replace(&mut self.manifest, manifest);
        if let Err(error) = write_manifest(&*self.disk, &self.names, &self.manifest) {
            self.manifest = before;
            return Err(Failure::Manifest(error));
        }
        self.file = file;
        (self.end, self.len, self.unsealed) = (0, 0, None);
        (self.second, self.no_space_until) = (0, 0);
        Ok(next)
    }

    /// A rewrite is done: `base` holds what the files of changes below `first_kept` and the base before them held. Answers
    /// the files that are of no use any more, which stay in the list until [`Log::forget_history`].
    ///
    /// # Errors
    /// When the list can't be replaced; then it is as before.
    pub fn install(&mut self, base: FileInfo, first_kept: u64) -> Result<Vec<FileInfo>, Failure> {
        let (mut manifest, mut first_kept) = (self.manifest.clone(), first_kept);
        if let Some(name) = &self.unlisted {
            let next = manifest.next_incremental(&self.names);
            self.file.sync().map_err(Failure::Sync)?;
            self.disk
                .rename(&self.names.path(name), &self.names.path(&next.name))
                .map_err(Failure::Manifest)?;
            self.unlisted = Some(next.name.clone());
            first_kept = next.seq;
            manifest.push_incremental(next);
        }
        manifest.replace_base(base, first_kept);
        write_manifest(&*self.disk, &self.names, &manifest).map_err(Failure::Manifest)?;
        self.unlisted = None;
        self.manifest = manifest;
        Ok(self.manifest.history.clone())
    }

    /// The files that are of no use any more have been removed: takes them off the list.
    ///
    /// # Errors
    /// When the list can't be replaced; then it is as before.
    pub fn forget_history(&mut self) -> Result<(), Failure> {
        let mut manifest = self.manifest.clone();
        manifest.history.clear();
        write_manifest(&*self.disk, &self.names, &manifest).map_err(Failure::Manifest)?;
        self.manifest = manifest;
        Ok(())
    }

    /// Gives up a file that isn't in the list.
    pub fn discard(self) {
        if let Some(name) = &self.unlisted {
            // Without a place in the list it is in nobody's way.
            let _ = self.disk.remove(&self.names.path(name));
        }
    }

    /// Gives back unused space, and forces everything to the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn complete(&mut self) -> Result<(), Failure> {
        if self.len > self.end {
            self.file.truncate(self.end).map_err(Failure::Write)?;
        }
        self.len = self.end;
        self.sync()
    }
}

/// Writes all bytes. `len` is the length that the file may keep after a failure.
fn write_whole(file: &dyn File, at: u64, bytes: &[u8], len: u64) -> Result<(), Failure> {
    let mut written = 0;
    while written < bytes.len() {
        let error = match file.write_at(at + written as u64, &bytes[written..]) {
            Ok(0) => io::ErrorKind::WriteZero.into(),
            Ok(count) => {
                written += count;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        if written == 0 {
            return Err(Failure::Write(error));
        }
        // Over unused space a part of a piece does no harm: it has no seal.
        let left_behind = if at < len { None } else { file.truncate(at).err() };
        return Err(Failure::Short {
            written: written as u64,
            expected: bytes.len() as u64,
            error,
            left_behind,
        });
    }
    Ok(())
}
