//! An allocator that counts the bytes each thread asks for, and those of the blocks that it holds.

use redstart_structs::room::size_class;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static ALLOCATOR: Counter = Counter;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<usize> = const { Cell::new(0) };
}

struct Counter;

fn count(bytes: usize) {
    BYTES.with(|counted| counted.set(counted.get() + bytes));
}

fn hold(before: usize, after: usize) {
    HELD.with(|held| held.set(held.get().wrapping_add(size_class(after)).wrapping_sub(size_class(before))));
}

// SAFETY: the system's allocator does all the work. A counter without a destructor allocates nothing itself.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        hold(0, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        hold(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        hold(layout.size(), size);
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

/// What `work` answers, and the bytes of the blocks that it keeps, each of a size that allocators have.
pub fn bytes_held<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = HELD.get();
    let result = work();
    (result, HELD.get().wrapping_sub(before))
}
