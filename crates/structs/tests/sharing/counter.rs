//! An allocator that counts the bytes each thread asks for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static ALLOCATOR: Counter = Counter;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

struct Counter;

fn count(bytes: usize) {
    BYTES.with(|counted| counted.set(counted.get() + bytes));
}

// SAFETY: the system's allocator does all the work. A counter without a destructor allocates nothing itself.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// What `work` answers, and the bytes that it asked for.
pub fn bytes_allocated<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = BYTES.get();
    let result = work();
    (result, BYTES.get() - before)
}
