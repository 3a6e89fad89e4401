//! `Blob`: the bytes of a long string, which can be frozen while they go on being changed.
//!
//! Freezing is O(1): the frozen handle and the blob share one buffer. Whoever changes the blob afterwards first saves
//! the pages that the handle may still read, so a change of a few bytes copies one page, whatever the string's length.
//!
//! ```text
//!  Blob ----------+--> Buffer [ page 0 | page 1 | page 2 | ... | spare ]
//!                 |      views: [ len, released pages, saved: { 1: old bytes } ]     one per handle, behind a lock
//!  FrozenBlob ----+
//!
//!  page 1 has been changed since: the handle reads its old bytes, and all other pages where they always were
//! ```
//!
//! A string that outgrows its buffer moves to a new one and leaves the old one to the handles.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};
use triomphe::Arc;

/// What is saved at once. A handle holds the lock for as long as copying one page takes.
const PAGE: usize = if cfg!(test) { 16 } else { 64 << 10 };
/// The most room that a growing string is given beyond its length.
const SPARE_MAX: usize = 1 << 20;

/// A long string of bytes.
pub struct Blob {
    buffer: Arc<Buffer>,
    len: usize,
}

/// A string as it was when it was frozen. It may be read by another thread while the blob is changed.
pub struct FrozenBlob {
    buffer: Arc<Buffer>,
    /// Where the buffer keeps this handle's view.
    view: usize,
    len: usize,
}

/// A vector's memory, shared by a blob that changes it and the handles that read it.
///
/// Two rules keep them apart. Only the blob writes, holding `&mut Blob`. Below a view's length it writes only to pages
/// that the view has saved or released; and what a view has saved or released is never read through the view.
struct Buffer {
    bytes: NonNull<u8>,
    capacity: usize,
    /// The handles' views; `None` where a handle is gone.
    views: Mutex<Vec<Option<View>>>,
}

/// What a handle may still read.
struct View {
    len: usize,
    /// Pages before this one are of no interest any more.
    released: usize,
    /// Old bytes of pages that have been changed.
    saved: BTreeMap<usize, Box<[u8]>>,
}

// SAFETY: it owns a vector's memory. The rules above forbid that one thread writes what another one reads.
unsafe impl Send for Buffer {}
// SAFETY: likewise.
unsafe impl Sync for Buffer {}

impl Buffer {
    fn of(bytes: Vec<u8>) -> Self {
        let mut buffer = Self { bytes: NonNull::dangling(), capacity: 0, views: Mutex::default() };
        buffer.put(bytes);
        buffer
    }

    /// Takes the vector out, whose first `len` bytes have been written, and leaves an empty one.
    fn take(&mut self, len: usize) -> Vec<u8> {
        let start = std::mem::replace(&mut self.bytes, NonNull::dangling());
        let capacity = std::mem::take(&mut self.capacity);
        // SAFETY: `put` took these parts from a vector, and nobody else has them any more.
        unsafe { Vec::from_raw_parts(start.as_ptr(), len, capacity) }
    }

    /// Keeps the memory of a vector. What was held before must have been taken.
    fn put(&mut self, bytes: Vec<u8>) {
        debug_assert!(self.capacity == 0);
        let mut bytes = ManuallyDrop::new(bytes);
        // SAFETY: a vector's pointer is never null.
        self.bytes = unsafe { NonNull::new_unchecked(bytes.as_mut_ptr()) };
        self.capacity = bytes.capacity();
    }

    fn views(&self) -> MutexGuard<'_, Vec<Option<View>>> {
        // Whoever panicked while holding the lock has left whole pages.
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves what views may still read of a range of bytes that is about to be written.
    fn save(&self, range: &Range<usize>) {
        for view in self.views().iter_mut().flatten() {
            let end = range.end.min(view.len);
            let first = (range.start / PAGE).max(view.released);
            for page in first..end.div_ceil(PAGE) {
                let bytes = page_range(page, view.len);
                // SAFETY: all bytes below a view's length were written before it was made, and only the blob writes:
                // the caller, who isn't writing now.
                let copy = || unsafe { self.slice(bytes) }.into();
                view.saved.entry(page).or_insert_with(copy);
            }
        }
    }

    /// SAFETY: the bytes of the range have been written, and nobody writes to them for 'a.
    unsafe fn slice<'a>(&self, range: Range<usize>) -> &'a [u8] {
        debug_assert!(range.end <= self.capacity);
        // SAFETY: the range lies in the allocation; the rest is the caller's promise.
        unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().add(range.start), range.len()) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        drop(self.take(0));
    }
}

/// The bytes of a page in a string of `len` bytes.
fn page_range(page: usize, len: usize) -> Range<usize> {
    page * PAGE..((page + 1) * PAGE).min(len)
}

impl Blob {
    /// Wraps bytes as they are, without copying.
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self { buffer: Arc::new(Buffer::of(bytes)), len }
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes allocated beyond the `Blob` itself, spare room included, without what handles have saved. O(1).
    pub fn memory_bytes(&self) -> usize {
        size_of::<Buffer>() + size_of::<usize>() + self.buffer.capacity
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the first `len` bytes have been written, and the blob, which alone writes, is borrowed.
        unsafe { self.buffer.slice(0..self.len) }
    }

    /// Cuts the string off or fills it up with zero bytes. A string that grows is given room to grow further.
    ///
    /// O(bytes added); a string that outgrows its buffer is copied.
    pub fn resize(&mut self, len: usize) {
        if len > self.buffer.capacity {
            self.grow(len);
        }
        let added = self.len.min(len)..len;
        self.save(&added);
        // SAFETY: the range lies in the buffer. We hold the blob mutably, and no view reads there: see `Buffer`.
        unsafe { self.buffer.bytes.as_ptr().add(added.start).write_bytes(0, added.len()) }
        self.len = len;
    }

    /// The bytes of a range, for changing. O(1), and for a frozen string a copy of each page in it that hasn't been
    /// changed since.
    ///
    /// # Panics
    /// When the range reaches beyond the end.
    pub fn edit(&mut self, range: Range<usize>) -> &mut [u8] {
        assert!(range.start <= range.end && range.end <= self.len, "the range lies in the string");
        self.save(&range);
        // SAFETY: the range has been written before. We hold the blob mutably, and no view reads there: see `Buffer`.
        unsafe { std::slice::from_raw_parts_mut(self.buffer.bytes.as_ptr().add(range.start), range.len()) }
    }

    /// Saves what handles may still read of a range that is about to be written.
    fn save(&self, range: &Range<usize>) {
        if !Arc::is_unique(&self.buffer) {
            self.buffer.save(range);
        }
    }

    /// Moves to a buffer with room for `len` bytes and more.
    fn grow(&mut self, len: usize) {
        let capacity = len + len.min(SPARE_MAX);
        if let Some(buffer) = Arc::get_mut(&mut self.buffer) {
            let mut bytes = buffer.take(self.len);
            bytes.reserve_exact(capacity - self.len);
            buffer.put(bytes);
        } else {
            let mut bytes = Vec::with_capacity(capacity);
            bytes.extend_from_slice(self.as_slice());
            self.buffer = Arc::new(Buffer::of(bytes));
        }
    }

    /// A handle to the bytes as they are now. O(1).
    pub fn freeze(&self) -> FrozenBlob {
        let view = View { len: self.len, released: 0, saved: BTreeMap::new() };
        let mut views = self.buffer.views();
        let slot = views.iter().position(Option::is_none).unwrap_or(views.len());
        if slot == views.len() {
            views.push(Some(view));
        } else {
            views[slot] = Some(view);
        }
        drop(views);
        FrozenBlob { buffer: self.buffer.clone(), view: slot, len: self.len }
    }
}

impl Clone for Blob {
    /// A copy with bytes of its own. O(n).
    fn clone(&self) -> Self {
        Self::from_vec(self.as_slice().to_vec())
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} bytes)", self.len)
    }
}

impl FrozenBlob {
    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies bytes from `offset` on to `out`, as many as there are and fit. Returns how many. A writer waits while a
    /// page of 64 KiB is copied, at most.
    ///
    /// # Panics
    /// When the bytes have been [released](Self::release).
    pub fn read(&self, offset: usize, out: &mut [u8]) -> usize {
        let end = offset.saturating_add(out.len()).min(self.len);
        let mut at = offset;
        while at < end {
            let part = at..page_range(at / PAGE, end).end;
            self.read_part(&part, &mut out[at - offset..part.end - offset]);
            at = part.end;
        }
        at - offset
    }

    /// Reads a part of one page.
    fn read_part(&self, part: &Range<usize>, out: &mut [u8]) {
        let page = part.start / PAGE;
        let views = self.buffer.views();
        let view = views[self.view].as_ref().expect("a handle has a view until it is dropped");
        assert!(page >= view.released, "what is released isn't read");
        match view.saved.get(&page) {
            Some(saved) => out.copy_from_slice(&saved[part.start - page * PAGE..part.end - page * PAGE]),
            // SAFETY: all bytes below a view's length were written before it was made. The page isn't saved, nor can
            // it be while we hold the lock, so nobody writes to it.
            None => out.copy_from_slice(unsafe { self.buffer.slice(part.clone()) }),
        }
    }

    /// Says that bytes before `offset` won't be read any more, so that nobody has to save them.
    pub fn release(&mut self, offset: usize) {
        let page = offset / PAGE;
        let mut views = self.buffer.views();
        let view = views[self.view].as_mut().expect("a handle has a view until it is dropped");
        if page > view.released {
            view.released = page;
            let saved = view.saved.split_off(&page);
            let dropped = std::mem::replace(&mut view.saved, saved);
            drop(views);
            drop(dropped);
        }
    }
}

impl Drop for FrozenBlob {
    fn drop(&mut self) {
        let view = self.buffer.views()[self.view].take();
        drop(view);
    }
}

impl std::fmt::Debug for FrozenBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrozenBlob({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Op {
        /// New length, where the change begins and ends in thousandths of it, and what is written.
        Edit(usize, usize, usize, u8),
        Freeze,
        Release(usize, usize),
        Drop(usize),
        Copy,
    }

    fn op() -> impl Strategy<Value = Op> {
        let edge = || 0..=1000usize;
        prop_oneof![
            6 => (0..200usize, edge(), edge(), any::<u8>()).prop_map(|(len, a, b, byte)| {
                Op::Edit(len, a.min(b), a.max(b), byte)
            }),
            2 => Just(Op::Freeze),
            1 => (any::<usize>(), 0..200usize).prop_map(|(which, offset)| Op::Release(which, offset)),
            1 => any::<usize>().prop_map(Op::Drop),
            1 => Just(Op::Copy),
        ]
    }

    /// A handle, what it has to show, and what it has released.
    struct Held {
        frozen: FrozenBlob,
        bytes: Vec<u8>,
        released: usize,
    }

    impl Held {
        fn check(&self) {
            assert_eq!(self.frozen.len(), self.bytes.len());
            let from = self.released / PAGE * PAGE;
            let mut out = vec![0; 300];
            let read = self.frozen.read(from, &mut out);
            assert_eq!(&out[..read], self.bytes.get(from..).unwrap_or_default());
            let middle = from + 7;
            let read = self.frozen.read(middle, &mut out[..5]);
            let rest = self.bytes.get(middle..).unwrap_or_default();
            assert_eq!(&out[..read], &rest[..rest.len().min(5)]);
        }
    }

    fn edit(blob: &mut Blob, model: &mut Vec<u8>, len: usize, from: usize, to: usize, byte: u8) {
        let range = from * len / 1000..to * len / 1000;
        model.resize(len, 0);
        model[range.clone()].fill(byte);
        blob.resize(len);
        let changed = blob.edit(range.clone());
        assert_eq!(changed.len(), range.len());
        changed.fill(byte);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: if cfg!(miri) { 20 } else { 500 },
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn handles_show_what_was_frozen(ops in prop::collection::vec(op(), 1..if cfg!(miri) { 20 } else { 60 })) {
            let (mut blob, mut model) = (Blob::from_vec(b"begin".to_vec()), b"begin".to_vec());
            let mut held: Vec<Held> = Vec::new();
            for op in ops {
                match op {
                    Op::Edit(len, from, to, byte) => edit(&mut blob, &mut model, len, from, to, byte),
                    Op::Freeze => held.push(Held { frozen: blob.freeze(), bytes: model.clone(), released: 0 }),
                    Op::Release(which, offset) if !held.is_empty() => {
                        let which = which % held.len();
                        held[which].frozen.release(offset);
                        held[which].released = held[which].released.max(offset);
                    }
                    Op::Drop(which) if !held.is_empty() => {
                        let which = which % held.len();
                        held.swap_remove(which);
                    }
                    Op::Copy => blob = blob.clone(),
                    Op::Release(..) | Op::Drop(_) => {}
                }
                prop_assert_eq!((blob.as_slice(), blob.len()), (&*model, model.len()));
                held.iter().for_each(Held::check);
            }
            drop(blob);
            held.iter().for_each(Held::check);
        }
    }

    fn pages_saved(frozen: &FrozenBlob) -> usize {
        frozen.buffer.views()[frozen.view].as_ref().map_or(0, |view| view.saved.len())
    }

    #[test]
    fn only_pages_that_change_are_saved() {
        let mut blob = Blob::from_vec(vec![b'a'; 10 * PAGE]);
        let mut frozen = blob.freeze();
        blob.edit(3 * PAGE + 1..4 * PAGE + 1).fill(b'b');
        blob.edit(3 * PAGE + 2..4 * PAGE + 1).fill(b'c');
        assert_eq!(pages_saved(&frozen), 2);
        frozen.release(4 * PAGE);
        assert_eq!(pages_saved(&frozen), 1);
        blob.edit(0..4 * PAGE).fill(b'd');
        assert_eq!(pages_saved(&frozen), 1);
        // What is appended was no part of it, and a string that moves leaves its buffer behind.
        blob.resize(10 * PAGE + 1);
        blob.edit(10 * PAGE..10 * PAGE + 1).fill(b'e');
        blob.edit(0..10 * PAGE).fill(b'f');
        assert_eq!(pages_saved(&frozen), 1);
    }

    #[test]
    fn cutting_off_and_growing_again_keeps_what_was_frozen() {
        let mut blob = Blob::from_vec(vec![b'a'; 3 * PAGE]);
        let frozen = blob.freeze();
        blob.resize(PAGE);
        blob.resize(3 * PAGE);
        let mut out = vec![0; 3 * PAGE];
        assert_eq!((frozen.read(0, &mut out), out), (3 * PAGE, vec![b'a'; 3 * PAGE]));
        assert!(blob.as_slice()[PAGE..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_handle_is_read_while_the_string_changes() {
        const PAGES: usize = 32;
        let mut blob = Blob::from_vec((0..PAGES * PAGE).map(|at| at as u8).collect());
        let mut frozen = blob.freeze();
        let reader = std::thread::spawn(move || {
            let mut page = [0; PAGE];
            for number in 0..PAGES {
                assert_eq!(frozen.read(number * PAGE, &mut page), PAGE);
                assert!(page.iter().enumerate().all(|(at, byte)| *byte == (number * PAGE + at) as u8));
                frozen.release(number * PAGE);
            }
        });
        for at in (0..PAGES * PAGE).rev().step_by(PAGE / 4) {
            blob.edit(at..at + 1)[0] = 77;
            assert_eq!(blob.as_slice()[at], 77);
        }
        for step in 1..100 {
            blob.resize(PAGES * PAGE + step);
            blob.edit(0..PAGE).fill(step as u8);
        }
        reader.join().expect("the handle showed what was frozen");
    }
}
