//! What the thread that writes the append-only files does in a turn: takes what has entered the journal, writes it, forces
//! it to the disk as `appendfsync` says, and tells up to where the journal is safe.
//!
//! ```text
//!  always        everything that has come in | write | sync |  everything that came in meanwhile | write | sync | ...
//!  everysec      write ... write ... write ... write ...            a thread of its own forces it to the disk each second
//!  no            write ... write ... write ... write ...            the system does when it likes
//! ```

use super::log::{Extras, Failure, Log};
use super::manifest::FileInfo;
use crate::disk::File;
use crate::stream::{Offset, Reader, Segment};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// When changes are forced to the disk: `appendfsync`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Before anybody is told of them.
    Always,
    /// Once per second.
    EverySecond,
    /// When the system likes.
    Never,
}

/// How to write, as the configuration says at present.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orders {
    /// When changes are forced to the disk.
    pub policy: Policy,
    /// What is written besides records.
    pub extras: Extras,
    /// Nothing is forced to the disk now: `no-appendfsync-on-rewrite` during a rewrite.
    pub no_sync: bool,
}

/// Forces a file to the disk off the writer's thread.
pub trait Background {
    /// Begins; one file at a time.
    fn begin(&mut self, file: Arc<dyn File>);

    /// What came of it, once it is over; each result is told once.
    fn result(&mut self) -> Option<io::Result<()>>;

    /// Waits for that.
    fn wait(&mut self) -> io::Result<()>;
}

const SECOND_NS: u64 = 1_000_000_000;
/// A second after that long, a sync under way counts as late.
const LATE_NS: u64 = 2 * SECOND_NS;
/// So many bytes aren't left unsafe for the whole second.
const MAX_UNSAFE: u64 = 32 << 20;
/// After a failure everything is tried again after this time.
const RETRY_NS: u64 = SECOND_NS / 10;

/// A sync under way in the background.
struct Underway {
    /// The journal is safe up to here if it succeeds.
    end: Offset,
    /// It is counted as late up to this moment.
    late_ns: u64,
}

/// Up to where the journal is safe, and what happened on the way.
#[derive(Debug, Default)]
pub struct Turn {
    /// Bytes that were written.
    pub written_bytes: u64,
    /// How long writing took.
    pub write_ns: u64,
    /// How long a sync took that was waited for.
    pub sync_ns: Option<u64>,
    /// Writing happened while a sync was under way.
    pub beside_sync: bool,
    /// A second began in which a sync is late.
    pub late: bool,
    /// What failed; nothing is lost, and it is tried again.
    pub failure: Option<Failure>,
    /// A new file was begun, or couldn't be.
    pub begun: Option<Result<FileInfo, Failure>>,
    /// When the next turn is due, if nothing comes in before; none: not until something comes in.
    pub next_ns: Option<u64>,
}

/// Writes the journal to the append-only files.
pub struct Writer {
    log: Log,
    reader: Reader,
    /// Taken from the reader and not given to the log yet.
    segments: VecDeque<Segment>,
    /// Up to here the journal has been given to the log.
    taken: Offset,
    written: Offset,
    durable: Offset,
    underway: Option<Underway>,
    /// When the last sync of a second began.
    last_sync_ns: u64,
}

impl Writer {
    /// Writes what comes out of `reader`, from its offset on.
    pub fn new(log: Log, reader: Reader) -> Writer {
        let at = reader.offset();
        let segments = VecDeque::new();
        Writer { log, reader, segments, taken: at, written: at, durable: at, underway: None, last_sync_ns: 0 }
    }

    /// The files.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The files, to change which there are.
    pub fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    /// Gives up files that no list has.
    pub fn discard(self) {
        self.log.discard();
    }

    /// Bytes that aren't in a file yet.
    pub fn waiting_bytes(&self) -> usize {
        let taken: usize = self.segments.iter().map(|segment| segment.bytes.len()).sum();
        self.reader.waiting_bytes() + taken + self.log.unwritten_bytes()
    }

    /// Up to here the journal is in the files.
    pub fn written(&self) -> Offset {
        self.written
    }

    /// Up to here it is on the disk.
    pub fn durable(&self) -> Offset {
        self.durable
    }

    /// Whether a sync is under way in the background.
    pub fn is_syncing(&self) -> bool {
        self.underway.is_some()
    }

    /// Does what there is to do. `clock` tells monotonic nanoseconds.
    pub fn turn(&mut self, orders: Orders, clock: &dyn Fn() -> u64, background: &mut dyn Background) -> Turn {
        let mut turn = Turn::default();
        if let Err(failure) = self.work(orders, clock, background, &mut turn) {
            turn.failure = Some(failure);
        }
        for buffer in self.log.take_spent() {
            self.reader.give_back(buffer);
        }
        let now_ns = clock();
        turn.next_ns = match (&turn.failure, &self.underway) {
            (Some(_), _) => Some(now_ns + RETRY_NS),
            (None, Some(underway)) => Some(underway.late_ns.max(now_ns)),
            (None, None) if self.is_due(orders) => Some(self.last_sync_ns + SECOND_NS),
            (None, None) => None,
        };
        turn
    }

    fn work(
        &mut self,
        orders: Orders,
        clock: &dyn Fn() -> u64,
        background: &mut dyn Background,
        turn: &mut Turn,
    ) -> Result<(), Failure> {
        self.look_after(background.result(), clock, turn)?;
        self.segments.extend(self.reader.take_segments());
        loop {
            let begins = self.add_up_to_file(orders);
            self.write(orders, clock, turn)?;
            if begins {
                self.begin_file(clock, background, turn)?;
            } else {
                break;
            }
        }
        match orders.policy {
            Policy::Always if !orders.no_sync => self.sync(clock, background, turn),
            Policy::EverySecond if !orders.no_sync => {
                self.sync_beside(clock, background);
                Ok(())
            }
            _ => {
                self.log.is_safe(self.written);
                Ok(())
            }
        }
    }

    /// Gives the log what belongs into its present file; answers whether another file begins behind.
    fn add_up_to_file(&mut self, orders: Orders) -> bool {
        while let Some(segment) = self.segments.front() {
            if segment.begins_file {
                return true;
            }
            let segment = self.segments.pop_front().expect("seen above");
            self.taken = segment.end;
            if segment.bytes.is_empty() {
                // It said that a file begins, and nothing came in before the next one began.
                self.reader.give_back(segment.bytes);
            } else {
                self.log.add(segment.bytes, segment.second, segment.end, orders.extras);
            }
        }
        false
    }

    fn write(&mut self, orders: Orders, clock: &dyn Fn() -> u64, turn: &mut Turn) -> Result<(), Failure> {
        if self.log.unwritten_bytes() == 0 {
            return Ok(());
        }
        let before = self.log.total_bytes();
        turn.beside_sync |= self.underway.is_some();
        let start_ns = clock();
        let result = self.log.write(orders.extras);
        turn.write_ns += clock().saturating_sub(start_ns);
        turn.written_bytes += self.log.total_bytes() - before;
        self.written = self.written.max(self.log.written().unwrap_or(0));
        result
    }

    /// Forces everything that is written to the disk.
    fn sync(
        &mut self,
        clock: &dyn Fn() -> u64,
        background: &mut dyn Background,
        turn: &mut Turn,
    ) -> Result<(), Failure> {
        if self.underway.is_some() {
            // Of two at the same time only one would learn of an error.
            self.look_after(Some(background.wait()), clock, turn)?;
        }
        if !self.log.is_clean() {
            let start_ns = clock();
            let result = self.log.sync();
            turn.sync_ns = Some(turn.sync_ns.unwrap_or(0) + clock().saturating_sub(start_ns));
            result?;
        }
        self.durable = self.written;
        Ok(())
    }

    /// Begins a sync in the background if a second is over, or too much would be lost.
    fn sync_beside(&mut self, clock: &dyn Fn() -> u64, background: &mut dyn Background) {
        let now_ns = clock();
        let due = now_ns >= self.last_sync_ns + SECOND_NS || self.log.unsafe_bytes() > MAX_UNSAFE;
        if self.underway.is_none() && due && !self.log.is_clean() {
            self.last_sync_ns = now_ns;
            self.underway = Some(Underway { end: self.written, late_ns: now_ns + LATE_NS });
            background.begin(self.log.begin_sync());
        }
    }

    /// Whether a sync will be due in a while.
    fn is_due(&self, orders: Orders) -> bool {
        orders.policy == Policy::EverySecond && !orders.no_sync && !self.log.is_clean()
    }

    /// Notes what came of the sync in the background.
    fn look_after(
        &mut self,
        result: Option<io::Result<()>>,
        clock: &dyn Fn() -> u64,
        turn: &mut Turn,
    ) -> Result<(), Failure> {
        let Some(result) = result else {
            let now_ns = clock();
            if let Some(underway) = self.underway.as_mut().filter(|underway| now_ns >= underway.late_ns) {
                underway.late_ns = now_ns + SECOND_NS;
                turn.late = true;
            }
            return Ok(());
        };
        let Some(underway) = self.underway.take() else { return Ok(()) };
        match result {
            Ok(()) => {
                self.log.is_safe(underway.end);
                self.durable = self.durable.max(underway.end);
                Ok(())
            }
            Err(error) => {
                self.log.is_lost();
                Err(Failure::Sync(error))
            }
        }
    }

    /// Ends the present file; failing that, goes on with it.
    fn begin_file(
        &mut self,
        clock: &dyn Fn() -> u64,
        background: &mut dyn Background,
        turn: &mut Turn,
    ) -> Result<(), Failure> {
        self.sync(clock, background, turn)?;
        let begun = self.log.begin_file();
        if let Some(segment) = self.segments.front_mut() {
            segment.begins_file = false;
        }
        turn.begun = Some(begun);
        Ok(())
    }

    /// Writes everything and forces it to the disk, as far as that goes, and gives back unused space.
    ///
    /// # Errors
    /// What failed.
    pub fn finish(
        &mut self,
        orders: Orders,
        clock: &dyn Fn() -> u64,
        background: &mut dyn Background,
    ) -> Result<(), Failure> {
        let turn = self.turn(orders, clock, background);
        if let Some(failure) = turn.failure {
            return Err(failure);
        }
        self.sync(clock, background, &mut Turn::default())?;
        self.log.complete()
    }
}
