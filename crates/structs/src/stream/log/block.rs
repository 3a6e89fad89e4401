//! A block: a run of consecutive entries in one allocation, in nearly the form in which Redis stores them.

use super::super::id::StreamId;
use super::BlockLimits;
use super::entry::{self, Entry, Fields, Raw, SAME_FIELDS, extra_bytes, links};
use super::marks::Marks;
use super::new_entry::{FieldList, NewEntry};
use crate::packed::{BareIter as Elements, Encoded, LISTPACK_OVERHEAD};
use crate::room::size_class;
use crate::tree::Chunk;
use triomphe::Arc;

/// Blocks with fewer bytes are not rewritten for the sake of their deleted entries.
const COMPACT_FROM: usize = if cfg!(test) { 32 } else { 512 };

/// Consecutive entries. The ids in it are stored as distances from the first one.
///
/// ```text
///  Redis' listpack:  count  deleted | n  field * n  0 | entry  entry  entry ...
///  bytes here:                        n  field * n  0 | entry  entry  entry ...
/// ```
///
/// `n field * n 0` are the fields of the entry the block began with; entries with the same fields store only
/// values. The two counters live in the struct and join the bytes when the block is written out; so do the elements'
/// backlens, which nobody needs here: see [`entry`](super::entry).
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The id distances are counted from.
    master: StreamId,
    /// The id of the last entry, deleted ones included.
    last: StreamId,
    bytes: Vec<u8>,
    live: u32,
    deleted: u32,
    /// Number of the fields the block began with, and the offset of the first one.
    fields: u32,
    fields_at: u32,
    /// Offset of the first entry.
    entries_at: u32,
    /// Offset at or before the first live entry.
    live_from: u32,
    /// Bytes that the listpack has more, counters and overhead left out.
    extra: u32,
    marks: Marks,
}

impl Chunk for Arc<Block> {
    #[inline]
    fn weight(&self) -> u64 {
        u64::from(self.live)
    }

    #[inline]
    fn memory_bytes(&self) -> usize {
        size_of::<usize>() + size_of::<Block>() + self.bytes.capacity()
    }
}

impl Block {
    /// A block with one entry, and room for about `room` bytes.
    pub(super) fn starting_with<'a>(id: StreamId, new: &NewEntry<impl FieldList<'a>>, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(size_class(room.max(new.encoded_max)));
        entry::push_int(&mut bytes, new.count as i64);
        for (field, _) in new.fields.clone() {
            entry::push(&mut bytes, field);
        }
        entry::push_int(&mut bytes, 0);
        let entries_at = bytes.len() as u32;
        let mut block = Self::empty(id, bytes, entries_at);
        block.push(id, new);
        block
    }

    /// A block of bytes that were checked, entry by entry, with what the check found out.
    pub(super) fn from_checked(master: StreamId, bytes: Vec<u8>, entries_at: usize) -> Self {
        let mut block = Self::empty(master, bytes, entries_at as u32);
        block.recount();
        block
    }

    /// A block of which only the part before the entries is known.
    fn empty(master: StreamId, bytes: Vec<u8>, entries_at: u32) -> Self {
        let (fields, fields_at) = entry::int_at(&bytes, 0).unwrap_or((0, 0));
        let extra = links(&bytes[..entries_at as usize]).0 as u32;
        Self {
            master,
            last: master,
            bytes,
            live: 0,
            deleted: 0,
            fields: fields as u32,
            fields_at: fields_at as u32,
            entries_at,
            live_from: entries_at,
            extra,
            marks: Marks::new(),
        }
    }

    /// Fills in everything that follows from the bytes.
    fn recount(&mut self) {
        (self.live, self.deleted, self.marks) = (0, 0, Marks::new());
        self.extra = links(self.head()).0 as u32;
        let mut at = self.entries_at as usize;
        while let Some((raw, next)) = self.entry_at(at) {
            self.marks.note(self.live + self.deleted, at);
            if raw.is_live() {
                self.live += 1;
            } else {
                self.deleted += 1;
            }
            self.last = raw.id;
            self.extra += extra_bytes(&self.bytes[at..next]) as u32;
            at = next;
        }
        self.live_from = self.entries_at;
        self.skip_deleted_front();
    }

    /// The id that no entry is before.
    pub(super) fn first(&self) -> StreamId {
        self.master
    }

    pub(super) fn live(&self) -> u64 {
        u64::from(self.live)
    }

    pub(super) fn deleted(&self) -> u32 {
        self.deleted
    }

    pub(super) fn last(&self) -> StreamId {
        self.last
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Size of the block as a listpack.
    pub(super) fn listpack_len(&self) -> usize {
        let counter = |value: u32| Encoded::int(i64::from(value)).len();
        LISTPACK_OVERHEAD
            + counter(self.live)
            + counter(self.deleted)
            + self.bytes.len()
            + self.extra as usize
    }

    /// Whether an entry whose fields and values come to `size` bytes may be added.
    pub(super) fn has_room(&self, size: usize, limits: &BlockLimits) -> bool {
        let full = limits.entries > 0 && u64::from(self.live) + u64::from(self.deleted) >= limits.entries;
        !full && self.listpack_len() + size < limits.byte_limit()
    }

    /// Adds an entry, whose id must be larger than all before, without looking at those.
    pub(super) fn push<'a>(&mut self, id: StreamId, new: &NewEntry<impl FieldList<'a>>) {
        let spare = self.bytes.capacity() - self.bytes.len();
        if spare < new.encoded_max {
            let capacity = size_class(self.bytes.len() + new.encoded_max);
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        let start = self.bytes.len();
        self.marks.note(self.live + self.deleted, start);
        let flags = if self.has_fields(new) { SAME_FIELDS } else { 0 };
        let delta = (id.ms.wrapping_sub(self.master.ms) as i64, id.seq.wrapping_sub(self.master.seq) as i64);
        entry::write(&mut self.bytes, flags, delta, new.count, new.fields.clone());
        self.extra += extra_bytes(&self.bytes[start..]) as u32;
        self.last = id;
        self.live += 1;
    }

    /// Whether an entry's fields are those the block began with.
    fn has_fields<'a>(&self, new: &NewEntry<impl FieldList<'a>>) -> bool {
        self.fields as usize == new.count
            && self.shared_fields().zip(new.fields.clone()).all(|(item, (field, _))| item.eq_bytes(field))
    }

    /// Gives spare memory back, for a block nothing will be added to.
    pub(super) fn seal(&mut self) {
        let fitting = size_class(self.bytes.len());
        if self.bytes.capacity() > fitting {
            self.bytes.shrink_to(fitting);
        }
    }

    /// The fields the block began with.
    #[inline]
    fn shared_fields(&self) -> Elements<'_> {
        Elements::new(&self.bytes[self.fields_at as usize..self.entries_at as usize])
    }

    /// What precedes the entries in a listpack, behind the counters: the fields the block began with.
    pub(super) fn head(&self) -> &[u8] {
        &self.bytes[..self.entries_at as usize]
    }

    /// The entries' bytes in order, deleted ones included.
    pub(super) fn raw_entries(&self) -> impl Iterator<Item = &[u8]> {
        let mut at = self.entries_at as usize;
        std::iter::from_fn(move || {
            let (raw, next) = self.entry_at(at)?;
            at = next;
            Some(&self.bytes[raw.at..next])
        })
    }

    /// The entry at an offset, deleted or not, and the offset behind it. `None` at the end.
    #[inline]
    pub(super) fn entry_at(&self, at: usize) -> Option<(Raw, usize)> {
        let raw = entry::read(&self.bytes, at, self.master)?;
        let next = if raw.flags & SAME_FIELDS != 0 {
            entry::skip(&self.bytes, raw.body, self.fields as usize)?
        } else {
            let (count, values) = entry::int_at(&self.bytes, raw.body)?;
            entry::skip(&self.bytes, values, 2 * count as usize)?
        };
        Some((raw, entry::end(at, next)))
    }

    /// The entry before an offset, deleted or not. `None` at the beginning.
    pub(super) fn entry_before(&self, end: usize) -> Option<Raw> {
        if end <= self.entries_at as usize {
            return None;
        }
        entry::read(&self.bytes, entry::last_start(&self.bytes[..end])?, self.master)
    }

    /// The entry as readers see it.
    #[inline]
    pub(super) fn view(&self, raw: &Raw) -> Entry<'_> {
        let fields = if raw.flags & SAME_FIELDS != 0 {
            let own = Elements::new(&self.bytes[raw.body..]);
            Fields { shared: Some(self.shared_fields()), own, left: self.fields as usize }
        } else {
            let mut own = Elements::new(&self.bytes[raw.body..]);
            let left = own.next().and_then(|count| count.as_int()).unwrap_or(0) as usize;
            Fields { shared: None, own, left }
        };
        Entry { id: raw.id, fields }
    }

    /// Offset of the first live entry, or one before it.
    pub(super) fn live_from(&self) -> usize {
        self.live_from as usize
    }

    /// Offset of the first entry with an id of at least `id`, deleted or not; the end when there is none.
    pub(super) fn seek(&self, id: StreamId) -> usize {
        if id <= self.master {
            return self.live_from();
        }
        if id > self.last {
            return self.bytes.len();
        }
        let marked = self.marks.last_where(|at| self.precedes(at, id)).map_or(0, |(_, at)| at);
        let mut at = marked.max(self.live_from());
        while let Some((raw, next)) = self.entry_at(at) {
            if raw.id >= id {
                return at;
            }
            at = next;
        }
        self.bytes.len()
    }

    fn precedes(&self, at: usize, id: StreamId) -> bool {
        entry::read(&self.bytes, at, self.master).is_some_and(|raw| raw.id <= id)
    }

    /// The live entry with an id.
    pub(super) fn find(&self, id: StreamId) -> Option<Raw> {
        let raw = entry::read(&self.bytes, self.seek(id), self.master)?;
        (raw.id == id && raw.is_live()).then_some(raw)
    }

    /// Number of live entries with an id of at most `id`.
    pub(super) fn rank(&self, id: StreamId) -> u64 {
        if id < self.master {
            return 0;
        }
        if id >= self.last {
            return self.live();
        }
        let marked = if self.deleted == 0 { self.marks.last_where(|at| self.precedes(at, id)) } else { None };
        let (mut rank, mut at) = marked.map_or((0, self.live_from()), |(rank, at)| (u64::from(rank), at));
        while let Some((raw, next)) = self.entry_at(at) {
            if raw.id > id {
                break;
            }
            rank += u64::from(raw.is_live());
            at = next;
        }
        rank
    }

    /// Marks the live entry at an offset as deleted.
    pub(super) fn delete_at(&mut self, at: usize) {
        self.bytes[at] |= entry::DELETED;
        self.live -= 1;
        self.deleted += 1;
        if at == self.live_from() {
            self.skip_deleted_front();
        }
    }

    /// The live entries in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = Raw> + '_ {
        let mut at = self.live_from();
        let all = std::iter::from_fn(move || {
            let (raw, next) = self.entry_at(at)?;
            at = next;
            Some(raw)
        });
        all.filter(Raw::is_live)
    }

    /// Marks all live entries with ids up to `end`, itself included, as deleted.
    pub(super) fn delete_up_to(&mut self, end: StreamId) {
        let mut at = self.live_from();
        while let Some((raw, next)) = self.entry_at(at).filter(|(raw, _)| raw.id <= end) {
            if raw.is_live() {
                self.delete_at(at);
            }
            at = next;
        }
    }

    fn skip_deleted_front(&mut self) {
        let mut at = self.live_from();
        while let Some((_, next)) = self.entry_at(at).filter(|(raw, _)| !raw.is_live()) {
            at = next;
        }
        self.live_from = at as u32;
    }

    /// Rewrites the block without its deleted entries when they are most of it, and it is large enough to matter.
    pub(super) fn compact_when_sparse(&mut self) {
        if self.deleted <= self.live || self.live == 0 || self.bytes.len() < COMPACT_FROM {
            return;
        }
        let mut bytes = self.bytes[..self.entries_at as usize].to_vec();
        let mut at = self.live_from();
        while let Some((raw, next)) = self.entry_at(at) {
            if raw.is_live() {
                bytes.extend_from_slice(&self.bytes[at..next]);
            }
            at = next;
        }
        bytes.shrink_to_fit();
        self.bytes = bytes;
        let last = self.last;
        self.recount();
        self.last = last;
    }
}
