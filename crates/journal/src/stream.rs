//! The one order of all changes, in memory.
//!
//! A Unit's records enter while its shards are locked, so the order of the journal is a valid serial history. A record
//! is a command in the protocol's form; records of one Unit stand together between MULTI and EXEC when there are
//! several, and SELECT stands wherever the database changes: the same bytes that an append-only file and a replication
//! stream hold. Offsets count these bytes.
//!
//! Nothing is framed or counted while there is no reader.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A position in the journal, in bytes since its beginning.
pub type Offset = u64;

/// The sequence of changes.
#[derive(Default)]
pub struct Journal {
    readers: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    end: Offset,
    /// The database of the last record; none after a reader has joined, so that every reader sees a SELECT first.
    db: Option<u32>,
    queues: Vec<Arc<Queue>>,
}

#[derive(Default)]
struct Queue {
    bytes: Mutex<VecDeque<u8>>,
}

impl Journal {
    /// An empty journal without readers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether anybody reads: if not, records needn't be made.
    #[inline]
    pub fn has_readers(&self) -> bool {
        self.readers.load(Ordering::Acquire) > 0
    }

    /// The offset behind the last record.
    pub fn end(&self) -> Offset {
        self.state.lock().end
    }

    /// Enters the records of one Unit, each with its database; answers the offset behind them. The caller holds the
    /// shards that the records are about.
    pub fn append(&self, records: &[(u32, Vec<u8>)]) -> Offset {
        let mut state = self.state.lock();
        if records.is_empty() || state.queues.is_empty() {
            return state.end;
        }
        let mut framed = Vec::new();
        let grouped = records.len() > 1;
        for (at, (db, bytes)) in records.iter().enumerate() {
            if state.db != Some(*db) {
                resp::push_command(&mut framed, &[b"SELECT", db.to_string().as_bytes()]);
                state.db = Some(*db);
            }
            if grouped && at == 0 {
                resp::push_command(&mut framed, &[b"MULTI"]);
            }
            framed.extend_from_slice(bytes);
        }
        if grouped {
            resp::push_command(&mut framed, &[b"EXEC"]);
        }
        state.end += framed.len() as Offset;
        for queue in &state.queues {
            queue.bytes.lock().extend(&framed);
        }
        state.end
    }

    /// Joins as a reader from the present end on. To get the state that belongs to this offset, hold all shards.
    pub fn read(self: &Arc<Self>) -> Reader {
        let queue = Arc::new(Queue::default());
        let mut state = self.state.lock();
        state.queues.push(queue.clone());
        state.db = None;
        self.readers.fetch_add(1, Ordering::AcqRel);
        Reader { journal: self.clone(), queue, at: state.end }
    }
}

/// Reads the journal from the offset at which it joined. Leaves when dropped.
pub struct Reader {
    journal: Arc<Journal>,
    queue: Arc<Queue>,
    at: Offset,
}

impl Reader {
    /// The offset behind what has been taken.
    pub fn offset(&self) -> Offset {
        self.at
    }

    /// Takes what has come in since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(&mut *self.queue.bytes.lock());
        self.at += bytes.len() as Offset;
        bytes.into()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.journal.state.lock();
        state.queues.retain(|queue| !Arc::ptr_eq(queue, &self.queue));
        self.journal.readers.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(words: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        resp::push_command(&mut bytes, words);
        bytes
    }

    #[test]
    fn a_unit_of_several_records_is_one_transaction() {
        let journal = Arc::new(Journal::new());
        let mut reader = journal.read();
        journal.append(&[(3, record(&[b"A"])), (3, record(&[b"B"]))]);
        journal.append(&[(3, record(&[b"C"]))]);
        let want = b"*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$1\r\nC\r\n";
        assert_eq!(reader.take(), want);
        assert_eq!(reader.offset(), journal.end());
    }

    #[test]
    fn nothing_is_counted_without_readers() {
        let journal = Arc::new(Journal::new());
        assert_eq!(journal.append(&[(0, record(&[b"A"]))]), 0);
        drop(journal.read());
        assert!(!journal.has_readers());
    }
}
