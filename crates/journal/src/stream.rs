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

/// Bytes of a segment: what is copied at most when there is no room for a record.
const SEGMENT: usize = 256 << 10;
/// Buffers kept for further segments.
const SPARE: usize = 8;

/// The sequence of changes.
#[derive(Default)]
pub struct Journal {
    readers: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    end: Offset,
    /// The database of the last record; none where every reader must see a SELECT first.
    db: Option<u32>,
    queues: Vec<Queue>,
    last_reader: u64,
}

/// What a reader hasn't taken yet.
struct Queue {
    reader: u64,
    segments: VecDeque<Segment>,
    bytes: usize,
    spare: Vec<Vec<u8>>,
}

/// Neighbouring records, whole Units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Segment {
    /// The records.
    pub bytes: Vec<u8>,
    /// The offset behind them.
    pub end: Offset,
    /// The second, since the epoch, in which all of them came in.
    pub second: i64,
    /// A file of changes begins with them: see [`Journal::begin_file`].
    pub begins_file: bool,
}

impl Queue {
    /// The segment for records of this second.
    fn open_segment(&mut self, second: i64) -> &mut Segment {
        let fits = |last: &Segment| last.second == second && last.bytes.len() < SEGMENT;
        let empty = |last: &Segment| last.bytes.is_empty();
        if !self.segments.back().is_some_and(|last| fits(last) || empty(last)) {
            let bytes = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(SEGMENT));
            self.segments.push_back(Segment { bytes, ..Segment::default() });
        }
        self.segments.back_mut().expect("there is one now")
    }

    fn append(&mut self, records: &[u8], end: Offset, second: i64) {
        let segment = self.open_segment(second);
        segment.bytes.extend_from_slice(records);
        (segment.end, segment.second) = (end, second);
        self.bytes += records.len();
    }
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

    /// Enters the records of one Unit, each with its database, which came about in this second since the epoch; answers
    /// the offset behind them. The caller holds the shards that the records are about.
    pub fn append<'r>(&self, records: impl ExactSizeIterator<Item = (u32, &'r [u8])>, second: i64) -> Offset {
        let mut state = self.state.lock();
        let State { end, db, queues, .. } = &mut *state;
        let Some((first, others)) = queues.split_first_mut().filter(|_| records.len() > 0) else {
            return *end;
        };
        // One reader, as mostly, gets the bytes where they are framed; further ones get copies.
        let segment = first.open_segment(second);
        let start = segment.bytes.len();
        frame(&mut segment.bytes, db, records);
        let framed = segment.bytes.len() - start;
        *end += framed as Offset;
        (segment.end, segment.second) = (*end, second);
        others.iter_mut().for_each(|queue| queue.append(&segment.bytes[start..], *end, second));
        first.bytes += framed;
        *end
    }

    /// Joins as a reader from the present end on. To get the state that belongs to this offset, hold all shards.
    pub fn read(self: &Arc<Self>) -> Reader {
        let mut state = self.state.lock();
        state.last_reader += 1;
        let reader = state.last_reader;
        state.queues.push(Queue { reader, segments: VecDeque::new(), bytes: 0, spare: Vec::new() });
        state.db = None;
        self.readers.fetch_add(1, Ordering::AcqRel);
        Reader { journal: self.clone(), id: reader, at: state.end }
    }

    /// Has a new file of changes begin at the present end, which is answered: the next record will stand behind a SELECT.
    /// The caller holds all shards.
    pub fn begin_file(&self) -> Offset {
        let mut state = self.state.lock();
        state.db = None;
        let end = state.end;
        for queue in &mut state.queues {
            let bytes = queue.spare.pop().unwrap_or_default();
            queue.segments.push_back(Segment { bytes, end, second: 0, begins_file: true });
        }
        end
    }
}

/// Appends the records of a Unit as a reader sees them.
fn frame<'r>(
    out: &mut Vec<u8>,
    present_db: &mut Option<u32>,
    records: impl ExactSizeIterator<Item = (u32, &'r [u8])>,
) {
    let grouped = records.len() > 1;
    for (at, (db, bytes)) in records.enumerate() {
        if *present_db != Some(db) {
            resp::push_command(out, &[b"SELECT", db.to_string().as_bytes()]);
            *present_db = Some(db);
        }
        if grouped && at == 0 {
            resp::push_command(out, &[b"MULTI"]);
        }
        out.extend_from_slice(bytes);
    }
    if grouped {
        resp::push_command(out, &[b"EXEC"]);
    }
}

/// Reads the journal from the offset at which it joined. Leaves when dropped.
pub struct Reader {
    journal: Arc<Journal>,
    id: u64,
    at: Offset,
}

impl Reader {
    /// The offset behind what has been taken.
    pub fn offset(&self) -> Offset {
        self.at
    }

    /// Bytes that have come in since the last call of [`Reader::take`] or [`Reader::take_segments`].
    pub fn waiting_bytes(&self) -> usize {
        self.with_queue(|queue| queue.bytes)
    }

    /// Takes what has come in since the last call.
    pub fn take_segments(&mut self) -> VecDeque<Segment> {
        let segments = self.with_queue(|queue| {
            queue.bytes = 0;
            std::mem::take(&mut queue.segments)
        });
        self.at = segments.back().map_or(self.at, |last| last.end);
        segments
    }

    /// Takes what has come in since the last call, as one piece.
    pub fn take(&mut self) -> Vec<u8> {
        let segments = self.take_segments();
        segments.into_iter().flat_map(|segment| segment.bytes).collect()
    }

    /// Gives back a segment's buffer, to be used again.
    pub fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        if (SEGMENT..=2 * SEGMENT).contains(&buffer.capacity()) {
            self.with_queue(|queue| {
                if queue.spare.len() < SPARE {
                    queue.spare.push(buffer);
                }
            });
        }
    }

    fn with_queue<R>(&self, act: impl FnOnce(&mut Queue) -> R) -> R {
        let mut state = self.journal.state.lock();
        let queue = state.queues.iter_mut().find(|queue| queue.reader == self.id);
        act(queue.expect("it is there until the reader leaves"))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.journal.state.lock();
        state.queues.retain(|queue| queue.reader != self.id);
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

    fn append(journal: &Journal, records: &[(u32, Vec<u8>)], second: i64) -> Offset {
        journal.append(records.iter().map(|(db, bytes)| (*db, &bytes[..])), second)
    }

    #[test]
    fn a_unit_of_several_records_is_one_transaction() {
        let journal = Arc::new(Journal::new());
        let mut reader = journal.read();
        append(&journal, &[(3, record(&[b"A"])), (3, record(&[b"B"]))], 0);
        append(&journal, &[(3, record(&[b"C"]))], 0);
        let want = b"*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$1\r\nC\r\n";
        assert_eq!(reader.waiting_bytes(), want.len());
        assert_eq!(reader.take(), want);
        assert_eq!((reader.offset(), reader.waiting_bytes()), (journal.end(), 0));
    }

    #[test]
    fn nothing_is_counted_without_readers() {
        let journal = Arc::new(Journal::new());
        assert_eq!(append(&journal, &[(0, record(&[b"A"]))], 0), 0);
        drop(journal.read());
        assert!(!journal.has_readers());
    }

    #[test]
    fn readers_get_the_same_and_a_late_one_sees_the_database() {
        let journal = Arc::new(Journal::new());
        let mut first = journal.read();
        append(&journal, &[(0, record(&[b"A"]))], 0);
        first.take();
        let mut second = journal.read();
        append(&journal, &[(0, record(&[b"B"]))], 0);
        let want = [record(&[b"SELECT", b"0"]), record(&[b"B"])].concat();
        assert_eq!((first.take(), second.take()), (want.clone(), want));
        assert_eq!((first.offset(), second.offset()), (journal.end(), journal.end()));
    }

    #[test]
    fn segments_tell_seconds_and_files_apart() {
        let journal = Arc::new(Journal::new());
        let mut reader = journal.read();
        for second in [5, 5, 6] {
            append(&journal, &[(0, record(&[b"A"]))], second);
        }
        let cut = journal.begin_file();
        let taken: Vec<_> = reader.take_segments().into();
        assert_eq!(
            taken.iter().map(|s| (s.second, s.begins_file)).collect::<Vec<_>>(),
            [(5, false), (6, false), (0, true)]
        );
        assert_eq!((taken[1].end, taken[2].end, taken[2].bytes.len(), reader.offset()), (cut, cut, 0, cut));
        reader.give_back(Vec::with_capacity(SEGMENT));
        journal.begin_file();
        append(&journal, &[(0, record(&[b"B"]))], 7);
        let taken: Vec<_> = reader.take_segments().into();
        let [segment] = &taken[..] else { panic!("{taken:?}") };
        assert_eq!((segment.second, segment.begins_file, segment.end), (7, true, journal.end()));
        assert_eq!(segment.bytes, [record(&[b"SELECT", b"0"]), record(&[b"B"])].concat());
    }

    #[test]
    fn a_segment_is_bounded() {
        let journal = Arc::new(Journal::new());
        let mut reader = journal.read();
        for _ in 0..10 {
            append(&journal, &[(0, record(&[&vec![b'v'; SEGMENT / 2]]))], 5);
        }
        let taken = reader.take_segments();
        assert!(taken.len() > 3 && taken.iter().all(|segment| segment.bytes.len() < 2 * SEGMENT));
    }
}
