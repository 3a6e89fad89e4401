//! Memory for entries, in steps of eight bytes.
//!
//! General allocators round small sizes up to 16 bytes or more: the entry of a 16-byte key and a 64-byte value, 88 bytes,
//! would take 96, beside what they keep for themselves. So a database that holds many entries of one size keeps them in pages of that size, if those hold them
//! tighter. The first few of a size come from the allocator, so that a small database in a thousand shards doesn't hold a
//! thousand times a page per size.
//!
//! # Layout
//! ```text
//! page (2048 bytes, aligned)
//!   0  previous *Page   } list of the size's pages that have room
//!   8  next     *Page   }
//!  16  free     u16     offset of the first freed entry, which holds the offset of the next; 0: none
//!  18  fresh    u16     offset behind the last entry ever used
//!  20  live     u16     entries in use
//!  22  class    u16     size / 8
//!  24  entries
//! region (1 MiB): 512 pages, from the allocator, given back when all its pages are free
//! ```
//! Pages of all databases come from one [`PagePool`]; everything else happens under the shard's lock.

use parking_lot::Mutex;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::collections::{BTreeMap, BTreeSet};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use structs::room::size_class;

const PAGE: usize = 2048;
const REGION_PAGES: usize = 512;
const REGION: usize = PAGE * REGION_PAGES;
const HEADER: usize = 24;
/// Larger entries come from the allocator.
const LARGEST: usize = 512;
/// The part of a block that an allocator takes for itself, and as room that it isn't asked for: measured with mimalloc.
const ALLOCATOR_OVERHEAD: usize = 16;
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
    regions: Mutex<Regions>,
}

/// Regions by their addresses.
#[derive(Default)]
struct Regions {
    all: BTreeMap<usize, Region>,
    /// Those with free pages.
    open: BTreeSet<usize>,
}

/// The free pages of a region.
struct Region {
    /// A bit for each.
    bits: [u64; REGION_PAGES / 64],
    count: usize,
}

impl Region {
    const ALL_FREE: Region = Region { bits: [u64::MAX; REGION_PAGES / 64], count: REGION_PAGES };

    fn take(&mut self) -> usize {
        let word = self.bits.iter().position(|bits| *bits != 0).expect("an open region has a free page");
        let bit = self.bits[word].trailing_zeros() as usize;
        self.bits[word] &= self.bits[word] - 1;
        self.count -= 1;
        word * 64 + bit
    }

    fn give(&mut self, page: usize) {
        self.bits[page / 64] |= 1 << (page % 64);
        self.count += 1;
    }
}

fn region_layout() -> Layout {
    Layout::from_size_align(REGION, PAGE).expect("a power of two")
}

impl PagePool {
    fn take(&self) -> NonNull<u8> {
        let regions = &mut *self.regions.lock();
        let start = regions.open.first().copied().unwrap_or_else(|| regions.add());
        let region = regions.all.get_mut(&start).expect("an open region is a region");
        let page = region.take();
        if region.count == 0 {
            regions.open.remove(&start);
        }
        let address = std::ptr::with_exposed_provenance_mut::<u8>(start + page * PAGE);
        NonNull::new(address).expect("a region isn't at address zero")
    }

    fn give(&self, page: *mut Page) {
        let regions = &mut *self.regions.lock();
        let (start, region) = regions.all.range_mut(..=page.addr()).next_back().expect("the page's region");
        let start = *start;
        region.give((page.addr() - start) / PAGE);
        let all_free = region.count == REGION_PAGES;
        regions.open.insert(start);
        if all_free && regions.open.len() > 1 {
            regions.open.remove(&start);
            regions.all.remove(&start);
            // SAFETY: allocated by `add` with this layout; none of its pages is in use.
            unsafe { dealloc(std::ptr::with_exposed_provenance_mut(start), region_layout()) }
        }
    }
}

impl Regions {
    /// Gets a region from the allocator.
    fn add(&mut self) -> usize {
        // SAFETY: the layout isn't empty.
        let Some(region) = NonNull::new(unsafe { alloc(region_layout()) }) else {
            handle_alloc_error(region_layout())
        };
        let start = region.as_ptr().expose_provenance();
        self.all.insert(start, Region::ALL_FREE);
        self.open.insert(start);
        start
    }
}

impl Drop for PagePool {
    fn drop(&mut self) {
        for (start, region) in &self.regions.get_mut().all {
            debug_assert!(
                region.count == REGION_PAGES,
                "databases give their pages back before the pool goes"
            );
            // SAFETY: as in `give`.
            unsafe { dealloc(std::ptr::with_exposed_provenance_mut(*start), region_layout()) }
        }
    }
}

/// The entries of one size.
struct Class {
    /// The size / 8.
    number: u16,
    /// Entries in use, those from the allocator included.
    live: u32,
    pages: u32,
    /// Pages with room.
    with_room: *mut Page,
}

/// The entries' memory of one database.
pub(crate) struct Slab {
    pool: Arc<PagePool>,
    /// Sizes in use: few, as a rule.
    classes: Vec<Class>,
}

// SAFETY: a slab owns its pages alone.
unsafe impl Send for Slab {}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a key and a value are far below isize::MAX")
}

impl Slab {
    pub(crate) fn new(pool: Arc<PagePool>) -> Slab {
        Slab { pool, classes: Vec::new() }
    }

    #[inline]
    fn find(&self, size: usize) -> Option<usize> {
        self.classes.iter().position(|class| class.size() == size)
    }

    #[cold]
    fn add(&mut self, size: usize) -> usize {
        self.classes.reserve_exact(1);
        self.classes.push(Class { number: (size / 8) as u16, live: 0, pages: 0, with_room: null_mut() });
        self.classes.len() - 1
    }

    /// Memory for an entry of `size` bytes (a multiple of 8), and whether it lies in a page.
    pub(crate) fn allocate(&mut self, size: usize) -> (NonNull<u8>, bool) {
        if is_paged(size) {
            let index = self.find(size).unwrap_or_else(|| self.add(size));
            let class = &mut self.classes[index];
            class.live += 1;
            if class.live > FIRST_FROM_ALLOCATOR {
                return (class.allocate(&self.pool), true);
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
        if is_paged(size) {
            let index = self.find(size).expect("it has allocated entries of this size");
            let class = &mut self.classes[index];
            class.live -= 1;
            if in_page {
                // SAFETY: the caller's promise.
                unsafe { class.free(memory, &self.pool) };
            }
            if class.live == 0 {
                self.classes.swap_remove(index);
            }
            if in_page {
                return;
            }
        }
        // SAFETY: the caller's promise.
        unsafe { dealloc(memory.as_ptr(), layout(size)) }
    }
}

/// Whether pages take less memory for entries of a size, by that size / 8, than the allocator.
const IS_PAGED: [bool; LARGEST / 8 + 1] = {
    let mut paged = [false; LARGEST / 8 + 1];
    let mut number = 1;
    while number < paged.len() {
        let size = 8 * number;
        paged[number] = PAGE < (size_class(size) + size / ALLOCATOR_OVERHEAD) * capacity(size);
        number += 1;
    }
    paged
};

#[inline]
fn is_paged(size: usize) -> bool {
    IS_PAGED.get(size / 8).is_some_and(|paged| *paged)
}

/// Entries of a page.
#[inline]
const fn capacity(size: usize) -> usize {
    (PAGE - HEADER) / size
}

/// Bytes that are taken for an entry of a size: its part of a page, or the allocator's block.
#[inline]
pub(crate) fn footprint(size: usize) -> usize {
    if is_paged(size) { PAGE / capacity(size) } else { size_class(size) }
}

impl Class {
    fn size(&self) -> usize {
        usize::from(self.number) * 8
    }

    fn allocate(&mut self, pool: &PagePool) -> NonNull<u8> {
        if self.with_room.is_null() {
            let page: *mut Page = pool.take().as_ptr().cast();
            let empty = Page {
                previous: null_mut(),
                next: null_mut(),
                free: 0,
                fresh: HEADER as u16,
                live: 0,
                class: self.number,
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
                (*page).fresh += self.size() as u16;
                at
            };
            (*page).live += 1;
            if usize::from((*page).live) == capacity(self.size()) {
                self.unlink(page);
            }
            NonNull::new_unchecked(page.cast::<u8>().add(at))
        }
    }

    /// # Safety
    /// `memory` is an entry of one of the class' pages and isn't used again.
    unsafe fn free(&mut self, memory: NonNull<u8>, pool: &PagePool) {
        let page: *mut Page = memory.as_ptr().map_addr(|address| address & !(PAGE - 1)).cast();
        // SAFETY: pages are aligned, so that this is the entry's page, which is alive and ours.
        unsafe {
            debug_assert!((*page).class == self.number);
            memory.as_ptr().cast::<u16>().write((*page).free);
            (*page).free = (memory.as_ptr().addr() & (PAGE - 1)) as u16;
            if usize::from((*page).live) == capacity(self.size()) {
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
            prop_assert!(slab.classes.is_empty());
            prop_assert!(pool.regions.lock().all.values().all(|region| region.count == REGION_PAGES));
        }
    }
}
