//! A second stack for each thread, on which a crash is reported when the first one has overflown.
//!
//! ```text
//!   guard page | stack, STACK_BYTES, taken from the top
//! ```

use std::ptr::{self, NonNull};

/// What unwinding and naming the functions of a stack takes, with a margin. The system backs what is used.
const STACK_BYTES: usize = 512 << 10;
/// A page, where pages are largest.
const GUARD_BYTES: usize = 64 << 10;

/// The second stack of the thread that has made it, until it is dropped.
pub(crate) struct SignalStack {
    mapping: NonNull<libc::c_void>,
    bytes: usize,
    /// What the thread had before.
    before: libc::stack_t,
}

impl SignalStack {
    /// Gives the calling thread a second stack; none if the system has no memory for it.
    pub(crate) fn install() -> Option<SignalStack> {
        let bytes = GUARD_BYTES + STACK_BYTES;
        // SAFETY: a new mapping at a place that the system chooses.
        let mapping = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK,
                -1,
                0,
            )
        };
        let mapping = NonNull::new(mapping).filter(|mapping| mapping.as_ptr() != libc::MAP_FAILED)?;
        // SAFETY: the structure is valid when all zeros.
        let mut stack = SignalStack { mapping, bytes, before: unsafe { std::mem::zeroed() } };
        // SAFETY: the range lies within the mapping, which nobody uses yet. The stack stays mapped for as long as the
        // thread has it: until this is dropped, by the same thread, because it isn't `Send`.
        unsafe {
            libc::mprotect(mapping.as_ptr(), GUARD_BYTES, libc::PROT_NONE);
            let new = libc::stack_t {
                ss_sp: mapping.as_ptr().byte_add(GUARD_BYTES),
                ss_flags: 0,
                ss_size: STACK_BYTES,
            };
            libc::sigaltstack(&new, &mut stack.before);
        }
        Some(stack)
    }
}

impl Drop for SignalStack {
    fn drop(&mut self) {
        // SAFETY: the thread gets its former stack back before this one is unmapped.
        unsafe {
            libc::sigaltstack(&self.before, ptr::null_mut());
            libc::munmap(self.mapping.as_ptr(), self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present() -> libc::stack_t {
        // SAFETY: the structure is valid when all zeros, and is filled in.
        unsafe {
            let mut present: libc::stack_t = std::mem::zeroed();
            libc::sigaltstack(ptr::null(), &mut present);
            present
        }
    }

    #[test]
    fn a_thread_has_it_for_a_while() {
        let before = present();
        let stack = SignalStack::install().expect("there is memory");
        assert_eq!(present().ss_size, STACK_BYTES);
        drop(stack);
        assert_eq!((present().ss_sp, present().ss_flags), (before.ss_sp, before.ss_flags));
    }
}
