//! Which append-only files a starting server finds, and how it makes them ready to be written.

use super::log::Log;
use super::manifest::{FileInfo, Manifest, ManifestError};
use super::names::{BaseFormat, Names};
use crate::disk::{Disk, read_all, replace};
use std::io;
use std::sync::Arc;

/// Why the list of files can't be used.
#[derive(Debug)]
pub enum StartError {
    /// It isn't what it should be.
    Manifest(ManifestError),
    /// Something on the disk can't be read or changed: what was to be done, with what, and the system's reason.
    Disk(&'static str, Vec<u8>, io::Error),
}

/// What a starting server has found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The files.
    pub manifest: Manifest,
    /// The single file of an older server.
    pub single: Single,
}

/// What has become of the single file of a server before Redis 7.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Single {
    /// There is none.
    None,
    /// It is the base, but lies beside the directory yet.
    Beside,
    /// It was moved into the directory and made the base.
    Taken,
}

impl Found {
    /// Where a file of the list is.
    pub fn path(&self, names: &Names, file: &FileInfo) -> Vec<u8> {
        match self.single {
            Single::Beside => file.name.clone(),
            Single::None | Single::Taken => names.path(&file.name),
        }
    }
}

/// Finds the files. The single file of a server before Redis 7 is moved into the directory and becomes the base; if that was
/// interrupted, it is completed.
///
/// # Errors
/// What is wrong with the list, or the system's error.
pub fn find(disk: &dyn Disk, names: &Names) -> Result<Found, StartError> {
    let found = look(disk, names)?;
    if found.single != Single::Beside {
        return Ok(found);
    }
    migrate(disk, names, &found.manifest).map_err(|error| {
        StartError::Disk("Error trying to move the old AOF file", names.single().to_vec(), error)
    })?;
    Ok(Found { single: Single::Taken, ..found })
}

/// Finds the files and leaves everything as it is.
///
/// # Errors
/// As [`find`].
pub fn look(disk: &dyn Disk, names: &Names) -> Result<Found, StartError> {
    let path = names.path(&names.manifest());
    let present = match read_all(disk, &path) {
        Ok(text) => Some(Manifest::parse(&text).map_err(StartError::Manifest)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(StartError::Disk("Can't open the AOF manifest file", names.manifest(), error));
        }
    };
    let single = names.single();
    let beside = exists(disk, single)?;
    let interrupted = match &present {
        Some(present) => is_only_base(present, single) && !exists(disk, &names.path(single))?,
        None => true,
    };
    if !beside || !interrupted {
        return Ok(Found { manifest: present.unwrap_or_default(), single: Single::None });
    }
    let mut manifest = Manifest::default();
    manifest.adopt_base(single);
    Ok(Found { manifest, single: Single::Beside })
}

fn exists(disk: &dyn Disk, name: &[u8]) -> Result<bool, StartError> {
    match disk.open(name) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StartError::Disk("Can't open the append-only file", name.to_vec(), error)),
    }
}

fn is_only_base(manifest: &Manifest, name: &[u8]) -> bool {
    manifest.incremental.is_empty() && manifest.base.as_ref().is_some_and(|base| base.name == name)
}

fn migrate(disk: &dyn Disk, names: &Names, manifest: &Manifest) -> io::Result<()> {
    make_directory(disk, names)?;
    write_manifest(disk, names, manifest)?;
    disk.rename(names.single(), &names.path(names.single()))?;
    disk.sync_dir(names.directory())?;
    disk.sync_dir(b"")
}

pub(super) fn make_directory(disk: &dyn Disk, names: &Names) -> io::Result<()> {
    disk.create_dir(names.directory())?;
    disk.sync_dir(b"")
}

/// Replaces the list of files.
///
/// # Errors
/// As [`replace`].
pub(super) fn write_manifest(disk: &dyn Disk, names: &Names, manifest: &Manifest) -> io::Result<()> {
    let name = names.manifest();
    replace(disk, names.directory(), &name, &Names::temporary(&name), &manifest.text())
}

/// Makes the files ready to be written: a base (with these bytes, in this form) where there are no files yet, and a file of
/// changes. The last one is cut off at `end`, behind what was read of it. Answers the log and the files that were made.
///
/// # Errors
/// The system's.
pub fn prepare(
    disk: Arc<dyn Disk>,
    names: Names,
    mut manifest: Manifest,
    end: u64,
    base: (&[u8], BaseFormat),
) -> io::Result<(Log, Vec<FileInfo>)> {
    make_directory(&*disk, &names)?;
    let mut made = Vec::new();
    if manifest.is_empty() {
        let next = manifest.next_base(&names, base.1);
        replace(&*disk, names.directory(), &next.name, &Names::temporary(&next.name), base.0)?;
        manifest.replace_base(next.clone(), 0);
        made.push(next);
    }
    let last = manifest.incremental.last().cloned();
    let file = match &last {
        Some(last) => disk.open(&names.path(&last.name))?,
        None => {
            let next = manifest.next_incremental(&names);
            let file = disk.create(&names.path(&next.name))?;
            manifest.push_incremental(next.clone());
            made.push(next);
            file
        }
    };
    let end = if last.is_some() { end } else { 0 };
    if file.len()? != end {
        file.truncate(end)?;
    }
    file.sync()?;
    if !made.is_empty() {
        write_manifest(&*disk, &names, &manifest)?;
    }
    Ok((Log::new(disk, names, manifest, file, end), made))
}

/// Makes `base` what everything begins with, and everything that there is history: for a server that writes no changes.
/// Answers the files to be removed.
///
/// # Errors
/// When the list can't be replaced.
pub fn install_base(disk: &dyn Disk, names: &Names, base: FileInfo) -> io::Result<Vec<FileInfo>> {
    let mut manifest = match find(disk, names) {
        Ok(found) => found.manifest,
        Err(StartError::Disk(_, _, error)) => return Err(error),
        Err(StartError::Manifest(error)) => return Err(io::Error::other(error.fault.to_string())),
    };
    manifest.replace_base(base, u64::MAX);
    write_manifest(disk, names, &manifest)?;
    let history = remove_history(disk, names, &mut manifest)?;
    Ok(history)
}

/// Removes the files that a rewrite has made useless, and forgets them.
///
/// # Errors
/// When the list can't be replaced. A file that can't be removed is in nobody's way.
pub fn remove_history(disk: &dyn Disk, names: &Names, manifest: &mut Manifest) -> io::Result<Vec<FileInfo>> {
    let history = std::mem::take(&mut manifest.history);
    if !history.is_empty() {
        write_manifest(disk, names, manifest)?;
    }
    for file in &history {
        let _ = disk.remove(&names.path(&file.name));
    }
    Ok(history)
}
