//! The data directory on a real disk.

use crate::files::path_of;
use crate::shared::Shared;
use journal::disk::{Disk, File};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// The directory that `dir` names at present.
pub(crate) struct DataDirectory {
    shared: Weak<Shared>,
    access: Access,
}

/// What may be done with data files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Access {
    /// Everything.
    #[default]
    Full,
    /// Reading: nothing is made, changed or removed.
    ReadOnly,
}

impl Access {
    /// To be asked before anything is changed.
    pub(crate) fn to_change(self) -> io::Result<()> {
        match self {
            Access::Full => Ok(()),
            Access::ReadOnly => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
        }
    }
}

impl DataDirectory {
    pub(crate) fn new(shared: &Weak<Shared>, access: Access) -> DataDirectory {
        DataDirectory { shared: shared.clone(), access }
    }

    /// Where something of this name lies in it; the directory itself has no name.
    pub(crate) fn path(&self, name: &[u8]) -> PathBuf {
        let dir = self.shared.upgrade().map(|shared| shared.config().dir.as_bytes().to_vec());
        path_of(&dir.unwrap_or_default()).join(path_of(name))
    }
}

impl Disk for DataDirectory {
    fn create(&self, name: &[u8]) -> io::Result<Arc<dyn File>> {
        self.access.to_change()?;
        let file =
            fs::File::options().read(true).write(true).create(true).truncate(true).open(self.path(name))?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn open(&self, name: &[u8]) -> io::Result<Arc<dyn File>> {
        let file = fs::File::options().read(true).write(self.access == Access::Full).open(self.path(name))?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        self.access.to_change()?;
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &[u8]) -> io::Result<()> {
        self.access.to_change()?;
        fs::remove_file(self.path(name))
    }

    fn create_dir(&self, name: &[u8]) -> io::Result<()> {
        self.access.to_change()?;
        match fs::create_dir(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.path(name).is_dir() => Ok(()),
            result => result,
        }
    }

    fn list(&self, name: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        fs::read_dir(self.path(name))?.map(|entry| Ok(entry?.file_name().into_vec())).collect()
    }

    fn sync_dir(&self, name: &[u8]) -> io::Result<()> {
        fs::File::open(self.path(name))?.sync_all()
    }
}

/// A file of the system.
pub(crate) struct DiskFile(pub(crate) fs::File);

impl File for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        // The length is forced to the disk too where it has changed.
        self.0.sync_data()
    }
}
