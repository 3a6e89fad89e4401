//! A leaf: some dozens of elements of a large set or map, in one buffer.
//!
//! ```text
//! bytes:  | slot | slot | ... room for more slots | cell | cell | ... | spare |
//! slot:   u32 LE: tag (11 bits), whether it expires (1 bit), offset of its cell behind the slots (20 bits)
//! cell:   [expiry_ms i64 LE, if it expires] name [value, in a map]
//! ```
//! A lookup compares tags (the hash's high bits) and touches only cells whose tag fits. A cell is overwritten in place
//! when its size stays the same; else a new one is appended and the old one's bytes are dead until the buffer is
//! written anew. Slots are in no order; a removed one's place is taken by the last.
//!
//! Cloning a leaf shares its buffer; the first change afterwards copies it, which is what bounds the cost of a change
//! to a container that has been cloned.

use super::text::{Text, long_number, read, size};
use super::{Columns, Element};
use crate::longs::{ARC_HEADER, Longs};
use crate::packed::Needle;
use crate::room::size_class;
use crate::table::prefetch_line;
use triomphe::Arc;

const SLOT: usize = 4;
const EXPIRY: usize = 8;
const OFFSET_BITS: u32 = 20;
const OFFSET_MASK: u32 = (1 << OFFSET_BITS) - 1;
const EXPIRING: u32 = 1 << OFFSET_BITS;
const TAG_SHIFT: u32 = OFFSET_BITS + 1;
/// Slots that a new leaf has room for beyond its elements.
const SPARE_SLOTS: usize = 4;

/// The tag of an element with this hash.
#[inline]
fn tag_of(hash: u64) -> u32 {
    (hash >> (32 + TAG_SHIFT)) as u32
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    bytes: Arc<[u8]>,
    longs: Longs,
    /// Bytes of cells, dead ones included.
    used: u32,
    /// Bytes of cells that no slot refers to.
    dead: u32,
    count: u16,
    /// Slots that there is room for.
    room: u16,
}

/// Where the parts of a cell lie, in bytes behind the slots.
#[derive(Clone, Copy)]
struct Cell {
    start: usize,
    name: usize,
    value: usize,
    end: usize,
}

impl Cell {
    fn len(self) -> usize {
        self.end - self.start
    }
}

impl Default for Leaf {
    fn default() -> Self {
        Leaf::with_room(0, 0)
    }
}

impl Leaf {
    /// An empty leaf with room for so many elements and bytes of cells.
    fn with_room(elements: usize, bytes: usize) -> Leaf {
        Leaf::with_bytes(vec![0; elements * SLOT + bytes], elements)
    }

    /// A leaf without elements over a buffer with room for so many slots.
    fn with_bytes(bytes: Vec<u8>, room: usize) -> Leaf {
        Leaf { bytes: bytes.into(), longs: Longs::default(), used: 0, dead: 0, count: 0, room: room as u16 }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// Bytes allocated, as allocators round them. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        size_class(ARC_HEADER + self.bytes.len()) + self.longs.memory_bytes()
    }

    #[inline]
    fn slots(&self) -> &[[u8; SLOT]] {
        &self.bytes.as_chunks().0[..self.len()]
    }

    #[inline]
    fn slot(&self, index: usize) -> u32 {
        u32::from_le_bytes(self.slots()[index])
    }

    /// The bytes behind the slots.
    #[inline]
    fn cells(&self) -> &[u8] {
        &self.bytes[usize::from(self.room) * SLOT..]
    }

    fn cells_mut(&mut self) -> &mut [u8] {
        let start = usize::from(self.room) * SLOT;
        &mut self.bytes_mut()[start..]
    }

    /// The buffer for changing: a copy, if a clone of the leaf shares it.
    fn bytes_mut(&mut self) -> &mut [u8] {
        if !self.bytes.is_unique() {
            self.bytes = Arc::from(&self.bytes[..]);
        }
        Arc::get_mut(&mut self.bytes).expect("nobody shares it")
    }

    fn set_slot(&mut self, index: usize, slot: u32) {
        let at = index * SLOT;
        self.bytes_mut()[at..at + SLOT].copy_from_slice(&slot.to_le_bytes());
    }

    /// Asks the processor to load the slots.
    #[inline]
    pub(super) fn prefetch_slots(&self) {
        let start = self.bytes[..].as_ptr();
        prefetch_line(start);
        prefetch_line(start.wrapping_add(64));
    }

    /// Asks the processor to load the cell of the element that probably has this hash.
    #[inline]
    pub(super) fn prefetch_cell(&self, hash: u64) {
        let tag = tag_of(hash);
        let mut slots = self.slots().iter().map(|slot| u32::from_le_bytes(*slot));
        if let Some(slot) = slots.find(|slot| slot >> TAG_SHIFT == tag) {
            let cell = self.cells().as_ptr().wrapping_add((slot & OFFSET_MASK) as usize);
            prefetch_line(cell);
            prefetch_line(cell.wrapping_add(64));
        }
    }

    /// The index of the element with this name and hash.
    #[inline]
    pub(super) fn find(&self, hash: u64, name: &Needle<'_>) -> Option<usize> {
        self.find_tagged(tag_of(hash), |cell| name.matches(read(cell, &self.longs).0))
    }

    /// The index of the element with the name of another leaf's element, if hashes are alike.
    #[inline]
    pub(super) fn find_like(&self, other: &Leaf, index: usize) -> Option<usize> {
        let slot = other.slot(index);
        let cell = &other.cells()[name_at(slot)..];
        let tag = slot >> TAG_SHIFT;
        if let Some(number) = long_number(cell) {
            let name = other.longs.shared(number);
            let is_it = |own| self.longs.shared(own) == name;
            return self.find_tagged(tag, |cell| long_number(cell).is_some_and(is_it));
        }
        // The same name is always written in the same way.
        let name = &cell[..size(cell)];
        self.find_tagged(tag, |cell| cell.starts_with(name))
    }

    /// The first index with a tag whose name's cell, from the name on, is the right one.
    #[inline]
    fn find_tagged(&self, tag: u32, is_it: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let fits = |slot: &[u8; SLOT]| u32::from_le_bytes(*slot) >> TAG_SHIFT == tag;
        let mut first = 0;
        for chunk in self.slots().chunks(8) {
            // Without an early end, so that a chunk is compared in one go.
            if chunk.iter().fold(false, |any, slot| any | fits(slot)) {
                let mut hits = (first..).zip(chunk).filter(|(_, slot)| fits(slot));
                let found =
                    hits.find(|(_, slot)| is_it(&self.cells()[name_at(u32::from_le_bytes(**slot))..]));
                if let Some((index, _)) = found {
                    return Some(index);
                }
            }
            first += chunk.len();
        }
        None
    }

    /// Whether the element with an index doesn't expire before a moment.
    #[inline]
    pub(super) fn shows(&self, index: usize, from_ms: i64) -> bool {
        self.expiry(self.slot(index)).is_none_or(|at| at >= from_ms)
    }

    /// The element with an index below [`Self::len`].
    #[inline]
    pub(super) fn element(&self, index: usize, columns: Columns) -> Element<'_> {
        let slot = self.slot(index);
        let at = name_at(slot);
        let (name, size) = read(&self.cells()[at..], &self.longs);
        let value = columns.value.then(|| read(&self.cells()[at + size..], &self.longs).0);
        Element { name, value: value.unwrap_or(Element::NO_VALUE), expiry_ms: self.expiry(slot) }
    }

    #[inline]
    fn expiry(&self, slot: u32) -> Option<i64> {
        if slot & EXPIRING == 0 {
            return None;
        }
        let bytes = self.cells()[(slot & OFFSET_MASK) as usize..].first_chunk();
        bytes.map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// When the element with an index expires.
    pub(super) fn expiry_ms(&self, index: usize) -> Option<i64> {
        self.expiry(self.slot(index))
    }

    /// The element that expires first, and when.
    pub(super) fn first_expiring(&self) -> Option<(i64, usize)> {
        let expiring = self.slots().iter().enumerate();
        expiring.filter_map(|(index, slot)| Some((self.expiry(u32::from_le_bytes(*slot))?, index))).min()
    }

    /// Number of elements that expire before a moment.
    pub(super) fn expiring_before(&self, at_ms: i64) -> usize {
        let expiries = self.slots().iter().filter_map(|slot| self.expiry(u32::from_le_bytes(*slot)));
        expiries.filter(|expiry_ms| *expiry_ms < at_ms).count()
    }

    fn cell(&self, index: usize, columns: Columns) -> Cell {
        let slot = self.slot(index);
        let (start, name) = ((slot & OFFSET_MASK) as usize, name_at(slot));
        let value = name + size(&self.cells()[name..]);
        let end = if columns.value { value + size(&self.cells()[value..]) } else { value };
        Cell { start, name, value, end }
    }

    /// Adds an element whose name isn't there; answers its index.
    pub(super) fn push(
        &mut self,
        hash: u64,
        name: &[u8],
        value: &[u8],
        expiry_ms: Option<i64>,
        columns: Columns,
    ) -> usize {
        let name = Text::new(name, &mut self.longs);
        let value = columns.value.then(|| Text::new(value, &mut self.longs));
        let size = expiry_size(expiry_ms) + name.len() + value.as_ref().map_or(0, Text::len);
        self.make_room(1, size, columns);
        let start = self.used as usize;
        let out = &mut self.cells_mut()[start..];
        let at = write_expiry(out, expiry_ms);
        name.write_to(&mut out[at..]);
        if let Some(value) = value {
            value.write_to(&mut out[at + name.len()..]);
        }
        self.used += size as u32;
        self.add_slot(tag_of(hash), start, expiry_ms.is_some())
    }

    fn add_slot(&mut self, tag: u32, start: usize, expiring: bool) -> usize {
        let index = self.len();
        self.count += 1;
        self.set_slot(index, slot_of(tag, expiring, start));
        index
    }

    /// Gives the element with an index another value and expiry.
    pub(super) fn set(&mut self, index: usize, value: &[u8], expiry_ms: Option<i64>, columns: Columns) {
        let old = self.cell(index, columns);
        self.forget_long(old.value..old.end);
        let value = Text::new(value, &mut self.longs);
        if old.end - old.value == value.len() && (old.name > old.start) == expiry_ms.is_some() {
            let cells = self.cells_mut();
            write_expiry(&mut cells[old.start..], expiry_ms);
            value.write_to(&mut cells[old.value..]);
        } else {
            self.move_cell(index, expiry_ms, Some(&value), columns);
        }
    }

    /// Gives the element with an index another expiry, or none.
    pub(super) fn set_expiry(&mut self, index: usize, expiry_ms: Option<i64>, columns: Columns) {
        let old = self.cell(index, columns);
        if (old.name > old.start) == expiry_ms.is_some() {
            write_expiry(&mut self.cells_mut()[old.start..], expiry_ms);
        } else {
            self.move_cell(index, expiry_ms, None, columns);
        }
    }

    /// Writes the cell of an element anew, with its present value or another one.
    fn move_cell(
        &mut self,
        index: usize,
        expiry_ms: Option<i64>,
        value: Option<&Text<'_>>,
        columns: Columns,
    ) {
        let size_of_kept =
            |cell: Cell| if value.is_some() { cell.value - cell.name } else { cell.end - cell.name };
        let kept = size_of_kept(self.cell(index, columns));
        let size = expiry_size(expiry_ms) + kept + value.map_or(0, Text::len);
        self.make_room(0, size, columns);
        let (start, old) = (self.used as usize, self.cell(index, columns));
        let cells = self.cells_mut();
        let at = start + write_expiry(&mut cells[start..], expiry_ms);
        cells.copy_within(old.name..old.name + kept, at);
        if let Some(value) = value {
            value.write_to(&mut cells[at + kept..]);
        }
        self.used += size as u32;
        self.dead += old.len() as u32;
        let tag = self.slot(index) >> TAG_SHIFT;
        self.set_slot(index, slot_of(tag, expiry_ms.is_some(), start));
    }

    /// Removes the element with an index; the last one takes its place.
    pub(super) fn remove(&mut self, index: usize, columns: Columns) {
        let cell = self.cell(index, columns);
        self.forget_long(cell.name..cell.value);
        self.forget_long(cell.value..cell.end);
        self.dead += cell.len() as u32;
        let last = self.slot(self.len() - 1);
        self.set_slot(index, last);
        self.count -= 1;
        if self.count == 0 {
            *self = Leaf::default();
        } else if self.dead > 256 && self.dead > self.used / 2 {
            self.rebuild(self.len(), 0, columns);
        }
    }

    /// Forgets the string in these bytes of a cell, if it is a long one.
    fn forget_long(&mut self, text: std::ops::Range<usize>) {
        if let Some(number) = long_number(&self.cells()[text]) {
            self.longs.remove(number);
        }
    }

    /// Makes room for `elements` more elements with `bytes` bytes of cells.
    fn make_room(&mut self, elements: usize, bytes: usize, columns: Columns) {
        let wanted = self.len() + elements;
        let room = usize::from(self.room);
        if wanted > room {
            self.rebuild(wanted + (wanted / 4).max(SPARE_SLOTS), bytes, columns);
        } else if self.used as usize + bytes > self.bytes.len() - room * SLOT {
            self.rebuild(room, bytes, columns);
        }
    }

    /// Writes the buffer anew: room for `room` elements, and for `more` bytes of cells and an eighth of all beyond.
    fn rebuild(&mut self, room: usize, more: usize, columns: Columns) {
        let wanted = (self.used - self.dead) as usize + more;
        let spare = if more == 0 { 0 } else { wanted / 8 };
        let cells_at = room * SLOT;
        let size = cells_at + (wanted + spare).next_multiple_of(8);
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(self.slots().as_flattened());
        bytes.resize(cells_at, 0);
        if self.dead == 0 {
            bytes.extend_from_slice(&self.cells()[..self.used as usize]);
        } else {
            for index in 0..self.len() {
                let cell = self.cell(index, columns);
                let moved = self.slot(index) & !OFFSET_MASK | (bytes.len() - cells_at) as u32;
                bytes[index * SLOT..][..SLOT].copy_from_slice(&moved.to_le_bytes());
                bytes.extend_from_slice(&self.cells()[cell.start..cell.end]);
            }
        }
        bytes.resize(size, 0);
        let longs = std::mem::take(&mut self.longs);
        let (count, used) = (self.count, self.used - self.dead);
        *self = Leaf { longs, count, used, ..Leaf::with_bytes(bytes, room) };
    }

    /// Takes the leaf apart: the elements for which `goes` answers true, and the others.
    pub(super) fn split(&self, columns: Columns, goes: impl Fn(&Element<'_>) -> bool) -> (Leaf, Leaf) {
        let indexes = 0..self.len();
        let parts: Vec<(bool, Cell)> =
            indexes.map(|index| (goes(&self.element(index, columns)), self.cell(index, columns))).collect();
        (self.part(&parts, true), self.part(&parts, false))
    }

    /// A leaf of the elements for which `parts` has `wanted`.
    fn part(&self, parts: &[(bool, Cell)], wanted: bool) -> Leaf {
        let chosen = || self.slots().iter().zip(parts).filter(|(_, (goes, _))| *goes == wanted);
        let (count, size) =
            chosen().fold((0, 0), |(count, size), (_, (_, cell))| (count + 1, size + cell.len()));
        let room = count + SPARE_SLOTS;
        let mut bytes = Vec::with_capacity(room * SLOT + size);
        let mut start = 0;
        for (slot, (_, cell)) in chosen() {
            let moved = u32::from_le_bytes(*slot) & !OFFSET_MASK | start as u32;
            bytes.extend_from_slice(&moved.to_le_bytes());
            start += cell.len();
        }
        bytes.resize(room * SLOT, 0);
        chosen().for_each(|(_, (_, cell))| bytes.extend_from_slice(&self.cells()[cell.start..cell.end]));
        let mut leaf = Leaf { count: count as u16, used: size as u32, ..Leaf::with_bytes(bytes, room) };
        if !self.longs.is_empty() {
            let mut at = 0;
            for (_, (_, cell)) in chosen() {
                leaf.share_longs(at, self, *cell);
                at += cell.len();
            }
        }
        leaf
    }

    /// Takes over the long strings of another leaf's cell, which has been copied to `start`.
    fn share_longs(&mut self, start: usize, other: &Leaf, cell: Cell) {
        for text in [cell.name..cell.value, cell.value..cell.end] {
            if let Some(number) = long_number(&other.cells()[text.clone()]) {
                let long = Text::long(other.longs.shared(number).clone(), &mut self.longs);
                let at = start + text.start - cell.start;
                long.write_to(&mut self.cells_mut()[at..]);
            }
        }
    }

    /// Adds all elements of another leaf.
    pub(super) fn absorb(&mut self, other: &Leaf, columns: Columns) {
        self.make_room(other.len(), (other.used - other.dead) as usize, columns);
        (0..other.len()).for_each(|index| self.adopt(other, index, columns));
    }

    /// Adds an element of another leaf.
    fn adopt(&mut self, other: &Leaf, index: usize, columns: Columns) {
        let (slot, cell) = (other.slot(index), other.cell(index, columns));
        self.make_room(1, cell.len(), columns);
        let start = self.used as usize;
        self.cells_mut()[start..start + cell.len()].copy_from_slice(&other.cells()[cell.start..cell.end]);
        self.share_longs(start, other, cell);
        self.used += cell.len() as u32;
        self.add_slot(slot >> TAG_SHIFT, start, slot & EXPIRING != 0);
    }
}

fn slot_of(tag: u32, expiring: bool, start: usize) -> u32 {
    assert!(start <= OFFSET_MASK as usize, "a leaf has some dozens of elements of bounded size");
    (tag << TAG_SHIFT) | (u32::from(expiring) * EXPIRING) | start as u32
}

/// Where the name lies in the cell of a slot.
#[inline]
fn name_at(slot: u32) -> usize {
    (slot & OFFSET_MASK) as usize + if slot & EXPIRING == 0 { 0 } else { EXPIRY }
}

fn expiry_size(expiry_ms: Option<i64>) -> usize {
    if expiry_ms.is_some() { EXPIRY } else { 0 }
}

/// Writes an expiry, if there is one, to the start of a cell; answers how many bytes it takes.
fn write_expiry(cell: &mut [u8], expiry_ms: Option<i64>) -> usize {
    if let Some(at) = expiry_ms {
        cell[..EXPIRY].copy_from_slice(&at.to_le_bytes());
    }
    expiry_size(expiry_ms)
}
