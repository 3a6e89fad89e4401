//! Files that take their name only when they are whole and durable.

use engine::{Flush, NewFile};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes after which what has been written is forced to disk, so that the last flush isn't a long one.
const SYNC_EVERY: u64 = 4 << 20;

/// A file under a temporary name, removed if it is dropped before it is committed.
pub(crate) struct TemporaryFile {
    file: File,
    path: PathBuf,
    temporary: PathBuf,
    flush: Flush,
    unsynced: u64,
}

impl TemporaryFile {
    /// A file that is to be `path`; `number` tells it from others that this process writes at the time.
    pub(crate) fn create(path: PathBuf, number: u64, flush: Flush) -> io::Result<TemporaryFile> {
        let name = format!("temp-{}-{number}.rdb", std::process::id());
        let temporary = path.with_file_name(name);
        let file = File::create(&temporary)?;
        Ok(TemporaryFile { file, path, temporary, flush, unsynced: 0 })
    }
}

/// Removes the files in a directory that processes were writing which have ended since, by `kill -9` say; answers their names.
pub(crate) fn remove_stale(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let stale = names.filter(|name| writer_of(name).is_some_and(|pid| !is_alive(pid)));
    stale.filter(|name| std::fs::remove_file(directory.join(name)).is_ok()).collect()
}

/// The process that writes, or was writing, a file of this name.
fn writer_of(name: &str) -> Option<u32> {
    let (pid, number) = name.strip_prefix("temp-")?.strip_suffix(".rdb")?.split_once('-')?;
    number.parse::<u64>().ok()?;
    pid.parse().ok()
}

/// Whether a process other than this one has this number. This one has just begun: a file of its number is that of another
/// before it, as in containers, where the number is always the same.
fn is_alive(pid: u32) -> bool {
    pid != std::process::id() && Path::new("/proc").join(pid.to_string()).exists()
}

impl NewFile for TemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.unsynced += bytes.len() as u64;
        if self.flush == Flush::Meanwhile && self.unsynced >= SYNC_EVERY {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_server_was_writing_is_removed() {
        let directory = std::env::temp_dir().join(format!("stale-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a folder");
        // No process has a number beyond the kernel's limit of 2^22.
        let own = format!("temp-{}-3.rdb", std::process::id());
        let stays = ["temp-1-0.rdb", "temp-4194999.rdb", "temp-x-1.rdb", "temp-4194999-x.rdb", "dump.rdb"];
        for name in stays.iter().copied().chain(["temp-4194999-0.rdb", &own]) {
            std::fs::write(directory.join(name), name).expect("writable");
        }
        let mut removed = remove_stale(&directory);
        removed.sort();
        let mut expected = [own, "temp-4194999-0.rdb".to_owned()];
        expected.sort();
        assert_eq!(removed, expected);
        for name in stays {
            std::fs::remove_file(directory.join(name)).expect(name);
        }
        std::fs::remove_dir(&directory).expect("empty");
    }
}
