//! The files that a configuration may include, read from disk.

use config::ConfigFiles;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// The files of this machine.
pub(crate) struct DiskFiles;

impl ConfigFiles for DiskFiles {
    fn read(&mut self, path: &[u8]) -> Result<Vec<u8>, String> {
        std::fs::read(path_of(path)).map_err(|error| crate::reason(&error))
    }

    fn list(&mut self, directory: &[u8]) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(path_of(directory)).into_iter().flatten();
        entries.flatten().map(|entry| entry.file_name().into_vec()).collect()
    }
}

/// A path as the configuration holds it.
pub(crate) fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
