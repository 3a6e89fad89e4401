//! Buffers that the kernel chooses from when input arrives.
//!
//! They are offered in a ring that both sides read (`IORING_REGISTER_PBUF_RING`), an entry of 16 bytes per buffer:
//!
//! ```text
//!            0         8        12       14       16
//! entry 0    | address | length | number | tail   |   the tail: entries ever offered, modulo 2^16
//! entry 1    | address | length | number |        |
//! ...
//! ```
//!
//! An offered buffer is the kernel's until a completion names it, then it is ours until it is offered again.

use io_uring::types::BufRingEntry;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering::Release};

/// How many there are: a power of two.
pub(super) const BUFFERS: u16 = 256;
/// Bytes of each. Requests that need many are read past the ring, see [`crate::connection::Intake`].
pub(crate) const BUFFER_BYTES: usize = 4 << 10;

const ENTRIES: Layout = layout(size_of::<BufRingEntry>() * BUFFERS as usize);
const BYTES: Layout = layout(BUFFER_BYTES * BUFFERS as usize);

/// The kernel wants the ring to begin with a page.
const fn layout(bytes: usize) -> Layout {
    match Layout::from_size_align(bytes, 4096) {
        Ok(layout) => layout,
        Err(_) => panic!("small, and aligned to a power of two"),
    }
}

/// Input that has arrived: its buffer is the holder's until [`InputBuffers::give_back`].
pub(crate) struct Input {
    buffer: u16,
    bytes: usize,
}

impl Input {
    /// Bytes that have arrived.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// Whether more would have fitted.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes == BUFFER_BYTES
    }
}

/// The buffers of one ring.
pub(super) struct InputBuffers {
    entries: NonNull<BufRingEntry>,
    bytes: NonNull<u8>,
    /// Buffers ever offered, those included that [`InputBuffers::publish`] hasn't told the kernel of.
    tail: u16,
}

// SAFETY: the memory behind the pointers belongs to this value alone (and the kernel, which knows no threads).
unsafe impl Send for InputBuffers {}

impl InputBuffers {
    /// New buffers, all on offer.
    pub(super) fn new() -> InputBuffers {
        // SAFETY: neither layout is empty. Zeroes are valid entries.
        let (entries, bytes) = unsafe { (alloc_zeroed(ENTRIES), alloc_zeroed(BYTES)) };
        let (Some(entries), Some(bytes)) = (NonNull::new(entries.cast()), NonNull::new(bytes)) else {
            handle_alloc_error(BYTES)
        };
        let mut buffers = InputBuffers { entries, bytes, tail: 0 };
        (0..BUFFERS).for_each(|buffer| buffers.give_back(Input { buffer, bytes: 0 }));
        buffers.publish();
        buffers
    }

    /// Where the ring of entries lies.
    pub(super) fn address(&self) -> u64 {
        self.entries.as_ptr() as u64
    }

    /// What a completion says to have arrived.
    ///
    /// # Safety
    /// The kernel has put that many bytes into the buffer of that number, and it is told so once.
    pub(super) unsafe fn arrived(&self, buffer: u16, bytes: usize) -> Input {
        assert!(buffer < BUFFERS && bytes <= BUFFER_BYTES, "the kernel fills what it was offered");
        Input { buffer, bytes }
    }

    /// The bytes that have arrived.
    pub(super) fn read(&self, input: &Input) -> &[u8] {
        // SAFETY: the buffer lies within the allocation, is initialized, and is nobody's but the holder's of `input`:
        // offering it again takes `input` away, which the slice's lifetime doesn't survive.
        unsafe { std::slice::from_raw_parts(self.start_of(input.buffer), input.bytes) }
    }

    fn start_of(&self, buffer: u16) -> *mut u8 {
        // SAFETY: numbers of buffers are below BUFFERS: the address lies within the allocation.
        unsafe { self.bytes.as_ptr().add(usize::from(buffer) * BUFFER_BYTES) }
    }

    /// Offers a buffer again, once it is published.
    #[expect(clippy::needless_pass_by_value, reason = "the input can't be read any more")]
    pub(super) fn give_back(&mut self, input: Input) {
        let start = self.start_of(input.buffer);
        // SAFETY: the index is below BUFFERS. The kernel doesn't look at the entry: it is behind the published tail, and
        // no more than BUFFERS are on offer, as each has one `Input`. Its last two bytes, which are the tail in the first
        // entry, aren't touched.
        let entry = unsafe { &mut *self.entries.as_ptr().add(usize::from(self.tail % BUFFERS)) };
        entry.set_addr(start as u64);
        entry.set_len(BUFFER_BYTES as u32);
        entry.set_bid(input.buffer);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Lets the kernel see what has been given back.
    pub(super) fn publish(&self) {
        // SAFETY: `entries` is the address of the ring, whose tail is two aligned bytes within the first entry; while it
        // is registered it is written here only, and read by the kernel.
        let tail = unsafe { AtomicU16::from_ptr(BufRingEntry::tail(self.entries.as_ptr()).cast_mut()) };
        tail.store(self.tail, Release);
    }
}

impl Drop for InputBuffers {
    fn drop(&mut self) {
        // SAFETY: allocated with these layouts. The owner has seen to it that the kernel is done with them.
        unsafe {
            dealloc(self.entries.as_ptr().cast(), ENTRIES);
            dealloc(self.bytes.as_ptr(), BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_offered_in_the_order_in_which_they_come_back() {
        let mut buffers = InputBuffers::new();
        // SAFETY: there is no kernel here.
        let input = unsafe { buffers.arrived(7, 3) };
        assert_eq!(buffers.read(&input), [0, 0, 0]);
        buffers.give_back(input);
        buffers.publish();
        // SAFETY: the first entry, of those that `buffers` owns.
        let first = unsafe { buffers.entries.as_ref() };
        assert_eq!((first.bid(), first.len() as usize), (7, BUFFER_BYTES));
        // SAFETY: the address of the ring.
        assert_eq!(unsafe { *BufRingEntry::tail(buffers.entries.as_ptr()) }, BUFFERS + 1);
    }

    #[test]
    #[should_panic(expected = "the kernel fills what it was offered")]
    fn a_buffer_beyond_the_last_is_no_input() {
        // SAFETY: there is no kernel here.
        let _ = unsafe { InputBuffers::new().arrived(BUFFERS, 1) };
    }
}
