//! The binary's allocator, as the server asks about it.

use host::Allocator;
use libmimalloc_sys::{mi_collect, mi_stats_print_out};
use std::ffi::{CStr, c_char, c_void};

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
