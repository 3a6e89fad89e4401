//! `Longs`: the long strings of a chunk of a container, each in an allocation of its own.
//!
//! A chunk is copied when it is changed after its container was cloned: long strings are shared then, not copied.

use triomphe::Arc;

/// Bytes that the count of an `Arc` takes.
pub(crate) const ARC_HEADER: usize = 8;

/// Strings by number. Numbers of removed ones are given again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Longs(Option<Arc<List>>);

#[derive(Clone, Debug, Default)]
struct List {
    strings: Vec<Option<Arc<[u8]>>>,
    /// How many numbers may be given again.
    free: usize,
    /// Bytes of all strings.
    bytes: usize,
}

impl Longs {
    /// Takes a string in. Returns its number. Amortised O(1), O(strings) where one was removed.
    pub(crate) fn add(&mut self, bytes: Arc<[u8]>) -> u32 {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        list.bytes += ARC_HEADER + bytes.len();
        if list.free > 0
            && let Some(number) = list.strings.iter().position(Option::is_none)
        {
            list.strings[number] = Some(bytes);
            list.free -= 1;
            return number as u32;
        }
        if list.strings.len() == list.strings.capacity() {
            list.strings.reserve_exact((list.strings.len() / 4).max(1));
        }
        list.strings.push(Some(bytes));
        (list.strings.len() - 1) as u32
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The string with a number.
    pub(crate) fn get(&self, number: u32) -> &[u8] {
        self.shared(number)
    }

    /// The string with a number, to be added to another chunk's.
    pub(crate) fn shared(&self, number: u32) -> &Arc<[u8]> {
        let list = self.0.as_deref().expect("a cell names it");
        list.strings[number as usize].as_ref().expect("a cell names it")
    }

    /// Removes the string with a number.
    pub(crate) fn remove(&mut self, number: u32) {
        let Some(list) = self.0.as_mut().map(Arc::make_mut) else { return };
        let removed = list.strings[number as usize].take();
        list.bytes -= removed.map_or(0, |string| ARC_HEADER + string.len());
        list.free += 1;
        while list.strings.last().is_some_and(Option::is_none) {
            list.strings.pop();
            list.free -= 1;
        }
        if list.strings.is_empty() {
            self.0 = None;
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.as_deref().map_or(0, |list| list.strings.len() - list.free)
    }

    /// Bytes of all long strings and of the list of them. O(1).
    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.as_deref().map_or(0, |list| {
            ARC_HEADER + size_of::<List>() + list.bytes + list.strings.capacity() * size_of::<Arc<[u8]>>()
        })
    }
}
