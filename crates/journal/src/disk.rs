//! What the journal asks of a disk. The host has the real one; tests have one that breaks.

use std::io;
use std::sync::Arc;

/// A directory and what is below it. Names are relative to it, with `/` between directories.
pub trait Disk: Send + Sync {
    /// Makes an empty file, in place of another if there is one.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, name: &[u8]) -> io::Result<Arc<dyn File>>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] if there is none.
    fn open(&self, name: &[u8]) -> io::Result<Arc<dyn File>>;

    /// Gives a file another name, that of another file perhaps, whose place it then takes.
    ///
    /// # Errors
    /// The system's; then nothing has changed.
    fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] if there is none.
    fn remove(&self, name: &[u8]) -> io::Result<()>;

    /// Makes a directory unless it exists.
    ///
    /// # Errors
    /// The system's.
    fn create_dir(&self, name: &[u8]) -> io::Result<()>;

    /// The names in a directory, in no particular order.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] if there is none.
    fn list(&self, name: &[u8]) -> io::Result<Vec<Vec<u8>>>;

    /// Forces to the disk which files a directory has and what they are called; the empty name is the directory itself.
    ///
    /// # Errors
    /// The system's.
    fn sync_dir(&self, name: &[u8]) -> io::Result<()>;
}

/// An open file. Several threads may use it.
pub trait File: Send + Sync {
    /// Its length.
    ///
    /// # Errors
    /// The system's.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no bytes.
    ///
    /// # Errors
    /// The system's.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Reads bytes from `offset` on; answers how many, 0 at the end.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes bytes at `offset`; answers how many were written.
    ///
    /// # Errors
    /// The system's; then none were written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Cuts the file off, or lengthens it by zeros.
    ///
    /// # Errors
    /// The system's.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Forces the file's bytes and its length to the disk. After an error the bytes written since the last success must
    /// be written again: the system may have given them up.
    ///
    /// # Errors
    /// The system's.
    fn sync(&self) -> io::Result<()>;
}

/// Fills `buffer` from `offset` on, as far as the file goes; answers how many bytes there were.
///
/// # Errors
/// As [`File::read_at`].
pub fn read_full(file: &dyn File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(offset + filled as u64, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The whole content of a file.
///
/// # Errors
/// As [`Disk::open`] and [`File::read_at`].
pub fn read_all(disk: &dyn Disk, name: &[u8]) -> io::Result<Vec<u8>> {
    let file = disk.open(name)?;
    let mut bytes = vec![0; usize::try_from(file.len()?).map_err(io::Error::other)?];
    let count = read_full(&*file, 0, &mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Puts a small file in place of another, so that after a crash there is the old content or the new one: a temporary
/// file is written, forced to the disk and renamed, and then the directory is forced to the disk.
///
/// # Errors
/// The system's; then the old content is in place, or, if only the directory couldn't be forced to the disk, perhaps
/// the new one.
pub fn replace(
    disk: &dyn Disk,
    directory: &[u8],
    name: &[u8],
    temporary: &[u8],
    bytes: &[u8],
) -> io::Result<()> {
    let below =
        |name: &[u8]| if directory.is_empty() { name.to_vec() } else { [directory, b"/", name].concat() };
    let file = disk.create(&below(temporary))?;
    let mut written = 0;
    while written < bytes.len() {
        match file.write_at(written as u64, &bytes[written..])? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => written += count,
        }
    }
    file.sync()?;
    disk.rename(&below(temporary), &below(name))?;
    disk.sync_dir(directory)
}

/// No disk at all: for servers that keep nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoDisk;

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Disk for NoDisk {
    fn create(&self, _: &[u8]) -> io::Result<Arc<dyn File>> {
        unsupported()
    }

    fn open(&self, _: &[u8]) -> io::Result<Arc<dyn File>> {
        unsupported()
    }

    fn rename(&self, _: &[u8], _: &[u8]) -> io::Result<()> {
        unsupported()
    }

    fn remove(&self, _: &[u8]) -> io::Result<()> {
        unsupported()
    }

    fn create_dir(&self, _: &[u8]) -> io::Result<()> {
        unsupported()
    }

    fn list(&self, _: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        unsupported()
    }

    fn sync_dir(&self, _: &[u8]) -> io::Result<()> {
        unsupported()
    }
}
