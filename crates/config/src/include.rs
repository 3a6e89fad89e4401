//! `include`: which files a pattern stands for.

use base::glob::{self, Case};

/// The files that configuration texts may include. The host reads; this crate only asks.
pub trait ConfigFiles {
    /// The contents of a file.
    ///
    /// # Errors
    /// The system's reason, for people.
    fn read(&mut self, path: &[u8]) -> Result<Vec<u8>, String>;

    /// The names in a directory, in any order; none if it can't be read.
    fn list(&mut self, directory: &[u8]) -> Vec<Vec<u8>>;
}

/// No files: for texts that include none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl ConfigFiles for NoFiles {
    fn read(&mut self, _path: &[u8]) -> Result<Vec<u8>, String> {
        Err("No such file or directory".into())
    }

    fn list(&mut self, _directory: &[u8]) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// The paths that match `pattern`, sorted. A pattern without wildcards is a path whether it exists or not.
pub(crate) fn matching_paths(pattern: &[u8], files: &mut dyn ConfigFiles) -> Vec<Vec<u8>> {
    if glob::is_literal(pattern) {
        return vec![pattern.to_vec()];
    }
    let (root, relative): (&[u8], _) = match pattern.strip_prefix(b"/") {
        Some(relative) => (b"/", relative),
        None => (b"", pattern),
    };
    let mut paths = vec![root.to_vec()];
    for component in relative.split(|&byte| byte == b'/').filter(|component| !component.is_empty()) {
        paths = paths.iter().flat_map(|path| step(path, component, files)).collect();
    }
    paths.sort_unstable();
    paths
}

/// What `path` becomes when it is followed by one component of the pattern.
fn step(path: &[u8], component: &[u8], files: &mut dyn ConfigFiles) -> Vec<Vec<u8>> {
    let is_dots = matches!(component, b"." | b"..");
    if is_dots {
        return vec![join(path, component)];
    }
    let directory: &[u8] = if path.is_empty() { b"." } else { path };
    let shows_hidden = component.starts_with(b".");
    let names = files.list(directory).into_iter();
    names
        .filter(|name| shows_hidden || !name.starts_with(b"."))
        .filter(|name| glob::matches(component, name, Case::Sensitive))
        .map(|name| join(path, &name))
        .collect()
}

fn join(path: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if path.is_empty() || path.ends_with(b"/") { b"" } else { b"/" };
    [path, slash, name].concat()
}
