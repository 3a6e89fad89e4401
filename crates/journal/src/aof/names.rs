//! Names of the append-only files, as Redis 7 gives them.
//!
//! ```text
//! appendonlydir/appendonly.aof.manifest        what there is
//! appendonlydir/appendonly.aof.3.base.rdb      the state at some moment (or .aof: as commands)
//! appendonlydir/appendonly.aof.5.incr.aof      what has changed since
//! ```

/// In what form a base file holds the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BaseFormat {
    /// A snapshot, `.rdb`.
    Rdb,
    /// Commands, `.aof`.
    Aof,
}

/// The names that follow from `appenddirname` and `appendfilename`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names {
    directory: Vec<u8>,
    prefix: Vec<u8>,
}

impl Names {
    /// Names in the directory `appenddirname` that begin with `appendfilename`.
    pub fn new(appenddirname: &[u8], appendfilename: &[u8]) -> Names {
        Names { directory: appenddirname.to_vec(), prefix: appendfilename.to_vec() }
    }

    /// The directory.
    pub fn directory(&self) -> &[u8] {
        &self.directory
    }

    /// The single file of servers before Redis 7: beside the directory it has yet to be taken over.
    pub fn single(&self) -> &[u8] {
        &self.prefix
    }

    /// The base file with this number.
    pub fn base(&self, seq: u64, format: BaseFormat) -> Vec<u8> {
        match format {
            BaseFormat::Rdb => self.numbered(seq, ".base.rdb"),
            BaseFormat::Aof => self.numbered(seq, ".base.aof"),
        }
    }

    /// The file of changes with this number.
    pub fn incremental(&self, seq: u64) -> Vec<u8> {
        self.numbered(seq, ".incr.aof")
    }

    /// The list of files.
    pub fn manifest(&self) -> Vec<u8> {
        [&self.prefix[..], b".manifest"].concat()
    }

    /// The first file of changes, while there is no base for it.
    pub fn temporary_incremental(&self) -> Vec<u8> {
        [b"temp-", &self.prefix[..], b".incr"].concat()
    }

    /// A file while it is being written.
    pub fn temporary(name: &[u8]) -> Vec<u8> {
        [b"temp-", name].concat()
    }

    /// A file of the directory, as seen from the one above.
    pub fn path(&self, name: &[u8]) -> Vec<u8> {
        [&self.directory[..], b"/", name].concat()
    }

    fn numbered(&self, seq: u64, ending: &str) -> Vec<u8> {
        let mut name = self.prefix.clone();
        name.extend_from_slice(format!(".{seq}{ending}").as_bytes());
        name
    }
}
