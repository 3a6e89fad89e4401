//! Files that take their name only when they are whole and durable.

use engine::NewFile;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes after which what has been written is forced to disk, so that the last flush isn't a long one.
const SYNC_EVERY: u64 = 4 << 20;

/// Tells files apart that one process writes at a time.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A file under a temporary name, removed if it is dropped before it is committed.
pub(crate) struct TemporaryFile {
    file: File,
    path: PathBuf,
    temporary: PathBuf,
    /// Whether it is forced to disk now and then.
    incremental: bool,
    unsynced: u64,
}

impl TemporaryFile {
    pub(crate) fn create(path: PathBuf, incremental: bool) -> io::Result<TemporaryFile> {
        let name = format!("temp-{}-{}.rdb", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let temporary = path.with_file_name(name);
        let file = File::create(&temporary)?;
        Ok(TemporaryFile { file, path, temporary, incremental, unsynced: 0 })
    }
}

impl NewFile for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.unsynced += bytes.len() as u64;
        if self.incremental && self.unsynced >= SYNC_EVERY {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.temporary, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // After a commit the name is free: then there is nothing to remove.
        let _ = std::fs::remove_file(&self.temporary);
    }
}
