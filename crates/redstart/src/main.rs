//! The `redstart` binary: the program of the host crate with its allocator.

mod allocator;

use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocator::Shrinking = allocator::Shrinking(mimalloc::MiMalloc);

fn main() -> ExitCode {
    let mut words = std::env::args_os().map(OsStringExt::into_vec);
    let program = words.next().unwrap_or_default();
    let arguments: Vec<Vec<u8>> = words.collect();
    host::program::run(&program, &arguments, allocator::MIMALLOC)
}
