//! The binary's allocator, and what the server asks of it.

use host::Allocator;
use libmimalloc_sys::{mi_collect, mi_good_size, mi_stats_print_out};
use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_char, c_void};

/// mimalloc, made to give back what an allocation no longer needs when it shrinks. Left to itself it keeps an allocation
/// in its block down to half of the block's size.
pub(crate) struct Shrinking(pub(crate) MiMalloc);

// SAFETY: mimalloc does all the work; what `realloc` adds is what the trait's own version of it does.
unsafe impl GlobalAlloc for Shrinking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: a function of its argument.
        let fits_better = size < layout.size() && unsafe { mi_good_size(size) < mi_good_size(layout.size()) };
        if !fits_better {
            // SAFETY: the caller's promise.
            return unsafe { self.0.realloc(memory, layout, size) };
        }
        // SAFETY: the caller promises that `size` isn't 0 and that `memory` is a block of `layout`, which is larger.
        unsafe {
            let smaller = self.0.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !smaller.is_null() {
                std::ptr::copy_nonoverlapping(memory, smaller, size);
                self.0.dealloc(memory, layout);
            }
            smaller
        }
    }
}

/// mimalloc.
pub(crate) const MIMALLOC: Allocator = Allocator { name: "mimalloc", purge, statistics };

fn purge() {
    // SAFETY: mimalloc is the global allocator; collecting may be asked for at any time, from any thread.
    unsafe { mi_collect(true) }
}

fn statistics() -> String {
    let mut text = String::new();
    let target: *mut String = &raw mut text;
    // SAFETY: `append` is given `target`, which lives until the call is over, and nobody else uses it meanwhile.
    unsafe { mi_stats_print_out(Some(append), target.cast()) }
    text
}

/// Appends a part of mimalloc's output to the `String` at `target`.
unsafe extern "C" fn append(part: *const c_char, target: *mut c_void) {
    // SAFETY: mimalloc hands over a string that ends in a zero byte, and `statistics` the address of its `String`.
    let (part, text) = unsafe { (CStr::from_ptr(part), &mut *target.cast::<String>()) };
    text.push_str(&part.to_string_lossy());
}
