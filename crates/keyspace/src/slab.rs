//! Memory for entries, in steps of eight bytes.
//!
//! General allocators round small sizes up to 16 bytes or more: the entry of a 16-byte key and a 64-byte value, 88 bytes,
//! would take 96. So a database that holds many entries of one size keeps them in pages of that size; the first few of a
//! size, and large ones, come from the allocator, so that a small database in a thousand shards doesn't hold a thousand
//! times a page per size.
//!
//! # Layout
//! ```text
//! page (4096 bytes, aligned)
//!   0  previous *Page   } list of the size's pages that have room
//!   8  next     *Page   }
//!  16  free     u16     offset of the first freed entry, which holds the offset of the next; 0: none
//!  18  fresh    u16     offset behind the last entry ever used
//!  20  live     u16     entries in use
//!  22  class    u16     size / 8
//!  24  entries
//! region (256 KiB, aligned): 64 pages, from the allocator, given back when all its pages are free
//! ```
//! Pages of all databases come from one [`PagePool`]; everything else happens under the shard's lock.

use parking_lot::Mutex;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::collections::BTreeMap;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

const PAGE: usize = 4096;
const REGION_PAGES: usize = 64;
const REGION: usize = PAGE * REGION_PAGES;
const HEADER: usize = 24;
/// Larger entries come from the allocator.
const LARGEST: usize = 512;
const CLASSES: usize = LARGEST / 8 + 1;
/// Entries of a size that come from the allocator before pages are used.
const FIRST_FROM_ALLOCATOR: u32 = 64;

#[repr(C)]
struct Page {
    previous: *mut Page,
    next: *mut Page,
    free: u16,
    fresh: u16,
    live: u16,
    class: u16,
}

/// Where the pages of all databases come from.
#[derive(Default)]
pub struct PagePool {
    /// Free pages by region: the region's address, and a bit for each free page.
    regions: Mutex<BTreeMap<usize, u64>>,
}

fn region_layout() -> Layout {
    Layout::from_size_align(REGION, REGION).expect("a power of two")
}

impl PagePool {
    fn take(&self) -> NonNull<u8> {
        let mut regions = self.regions.lock();
        if let Some((start, free)) = regions.iter_mut().find(|(_, free)| **free != 0) {
            let page = free.trailing_zeros() as usize;
            *free &= *free - 1;
            return page_at(*start, page);
        }
        // SAFETY: the layout isn't empty.
        let Some(region) = NonNull::new(unsafe { alloc(region_layout()) }) else {
            handle_alloc_error(region_layout())
        };
        let start = region.as_ptr().expose_provenance();
        regions.insert(start, !1);
        region
    }

    fn give(&self, page: *mut Page) {
        let address = page.addr();
        let start = address & !(REGION - 1);
        let mut regions = self.regions.lock();
        let free = regions.get_mut(&start).expect("the page's region");
        *free |= 1 << ((address - start) / PAGE);
        let all_free = *free == u64::MAX;
        if all_free && regions.values().filter(|free| **free != 0).nth(1).is_some() {
            regions.remove(&start);
            // SAFETY: allocated by `take` with this layout; none of its pages is in use.
            unsafe { dealloc(std::ptr::with_exposed_provenance_mut(start), region_layout()) }
        }
    }
}

impl Drop for PagePool {
    fn drop(&mut self) {
        for (start, free) in self.regions.get_mut().iter() {
            debug_assert!(*free == u64::MAX, "databases give their pages back before the pool goes");
            // SAFETY: as in `give`.
            unsafe { dealloc(std::ptr::with_exposed_provenance_mut(*start), region_layout()) }
        }
    }
}

fn page_at(region: usize, page: usize) -> NonNull<u8> {
    let address = std::ptr::with_exposed_provenance_mut::<u8>(region + page * PAGE);
    NonNull::new(address).expect("a region isn't at address zero")
}

#[derive(Clone, Copy)]
struct Class {
    /// Entries in use, those from the allocator included.
    live: u32,
    pages: u32,
    /// Pages with room.
    with_room: *mut Page,
}

/// The entries' memory of one database.
pub(crate) struct Slab {
    pool: Arc<PagePool>,
    /// Made with the first entry.
    classes: Option<Box<[Class; CLASSES]>>,
}

// SAFETY: a slab owns its pages alone.
unsafe impl Send for Slab {}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a key and a value are far below isize::MAX")
}

impl Slab {
    pub(crate) fn new(pool: Arc<PagePool>) -> Slab {
        Slab { pool, classes: None }
    }

    /// Bytes of pages that no entry uses.
    #[cfg(test)]
    fn slack_bytes(&self) -> usize {
        let classes = self.classes.iter().flat_map(|classes| classes.iter().enumerate());
        let slack = |(class, state): (usize, &Class)| {
            let mut page = state.with_room;
            let mut bytes = state.pages as usize * (PAGE - capacity(class.max(1)) * class * 8);
            while !page.is_null() {
                // SAFETY: pages on the list are alive and ours.
                unsafe {
                    bytes += (capacity(class) - usize::from((*page).live)) * class * 8;
                    page = (*page).next;
                }
            }
            bytes
        };
        classes.filter(|(_, state)| state.pages > 0).map(slack).sum()
    }

    /// Memory for an entry of `size` bytes (a multiple of 8), and whether it lies in a page.
    pub(crate) fn allocate(&mut self, size: usize) -> (NonNull<u8>, bool) {
        if size <= LARGEST {
            let empty = || Box::new([Class { live: 0, pages: 0, with_room: null_mut() }; CLASSES]);
            let class = &mut self.classes.get_or_insert_with(empty)[size / 8];
            class.live += 1;
            if class.live > FIRST_FROM_ALLOCATOR {
                return (class.allocate(size, &self.pool), true);
            }
        }
        // SAFETY: entries aren't empty.
        let memory = NonNull::new(unsafe { alloc(layout(size)) });
        (memory.unwrap_or_else(|| handle_alloc_error(layout(size))), false)
    }

    /// Takes an entry's memory back.
    ///
    /// # Safety
    /// `memory` comes from this slab's `allocate` with these figures and isn't used again.
    pub(crate) unsafe fn free(&mut self, memory: NonNull<u8>, size: usize, in_page: bool) {
        if size <= LARGEST {
            let class = &mut self.classes.as_mut().expect("it has allocated")[size / 8];
            class.live -= 1;
            if in_page {
                // SAFETY: the caller's promise.
                return unsafe { class.free(memory, size, &self.pool) };
            }
        }
        // SAFETY: the caller's promise.
        unsafe { dealloc(memory.as_ptr(), layout(size)) }
    }
}

/// Entries of a page.
fn capacity(class: usize) -> usize {
    (PAGE - HEADER) / (class * 8)
}

impl Class {
    fn allocate(&mut self, size: usize, pool: &PagePool) -> NonNull<u8> {
        if self.with_room.is_null() {
            let page: *mut Page = pool.take().as_ptr().cast();
            let class = (size / 8) as u16;
            let empty = Page {
                previous: null_mut(),
                next: null_mut(),
                free: 0,
                fresh: HEADER as u16,
                live: 0,
                class,
            };
            // SAFETY: a page from the pool is ours, aligned and large enough.
            unsafe { page.write(empty) };
            self.with_room = page;
            self.pages += 1;
        }
        let page = self.with_room;
        // SAFETY: pages on the list are alive and have room: a freed entry, or space behind the last one used.
        unsafe {
            let at = if (*page).free != 0 {
                let at = usize::from((*page).free);
                (*page).free = page.cast::<u8>().add(at).cast::<u16>().read();
                at
            } else {
                let at = usize::from((*page).fresh);
                (*page).fresh += size as u16;
                at
            };
            (*page).live += 1;
            if usize::from((*page).live) == capacity(size / 8) {
                self.unlink(page);
            }
            NonNull::new_unchecked(page.cast::<u8>().add(at))
        }
    }

    /// # Safety
    /// `memory` is an entry of one of the class' pages and isn't used again.
    unsafe fn free(&mut self, memory: NonNull<u8>, size: usize, pool: &PagePool) {
        let page: *mut Page = memory.as_ptr().map_addr(|address| address & !(PAGE - 1)).cast();
        // SAFETY: pages are aligned, so that this is the entry's page, which is alive and ours.
        unsafe {
            debug_assert!(usize::from((*page).class) == size / 8);
            memory.as_ptr().cast::<u16>().write((*page).free);
            (*page).free = (memory.as_ptr().addr() & (PAGE - 1)) as u16;
            if usize::from((*page).live) == capacity(size / 8) {
                self.link(page);
            }
            (*page).live -= 1;
            if (*page).live == 0 {
                self.unlink(page);
                self.pages -= 1;
                pool.give(page);
            }
        }
    }

    /// # Safety
    /// `page` is alive and not on the list.
    unsafe fn link(&mut self, page: *mut Page) {
        // SAFETY: the caller's promise; the list's pages are alive.
        unsafe {
            (*page).previous = null_mut();
            (*page).next = self.with_room;
            if !self.with_room.is_null() {
                (*self.with_room).previous = page;
            }
        }
        self.with_room = page;
    }

    /// # Safety
    /// `page` is alive and on the list.
    unsafe fn unlink(&mut self, page: *mut Page) {
        // SAFETY: the caller's promise; the list's pages are alive.
        unsafe {
            let (previous, next) = ((*page).previous, (*page).next);
            if previous.is_null() {
                self.with_room = next;
            } else {
                (*previous).next = next;
            }
            if !next.is_null() {
                (*next).previous = previous;
            }
            ((*page).previous, (*page).next) = (null_mut(), null_mut());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Entries keep their bytes whatever is allocated and freed around them, and all pages come back.
        #[test]
        fn entries_are_apart(steps in proptest::collection::vec((1..70usize, any::<u32>(), 0..3u8), 1..3000)) {
            let pool = Arc::new(PagePool::default());
            let mut slab = Slab::new(pool.clone());
            let mut live: Vec<(NonNull<u8>, usize, bool, u8)> = Vec::new();
            for (at, (words, pick, action)) in steps.into_iter().enumerate() {
                if action > 0 || live.is_empty() {
                    let size = if words > 8 { 88 } else { words * 8 };
                    let (memory, in_page) = slab.allocate(size);
                    // SAFETY: freshly allocated with that size.
                    unsafe { memory.as_ptr().write_bytes(at as u8, size) };
                    live.push((memory, size, in_page, at as u8));
                } else {
                    let (memory, size, in_page, mark) = live.swap_remove(pick as usize % live.len());
                    // SAFETY: allocated above with that size, freed once.
                    unsafe {
                        let bytes = std::slice::from_raw_parts(memory.as_ptr(), size);
                        prop_assert!(bytes.iter().all(|byte| *byte == mark));
                        slab.free(memory, size, in_page);
                    }
                }
            }
            for (memory, size, in_page, _) in live {
                // SAFETY: as above.
                unsafe { slab.free(memory, size, in_page) };
            }
            prop_assert_eq!(slab.slack_bytes(), 0);
            prop_assert!(pool.regions.lock().values().all(|free| *free == u64::MAX));
        }
    }
}
