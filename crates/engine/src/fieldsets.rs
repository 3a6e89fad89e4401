//! Fieldsets: lists of field names that a connection has prepared with HIMPORT, to send only values then.

use std::collections::BTreeMap;

/// Names of fields in the order of their values.
type Fields = Box<[Box<[u8]>]>;

/// The fieldsets of a connection, by their names.
#[derive(Default)]
pub(crate) struct Fieldsets {
    by_name: BTreeMap<Box<[u8]>, Fields>,
    bytes: usize,
}

impl Fieldsets {
    /// Keeps `fields` under `name`, in place of those it stood for. Answers whether it did: no field may occur twice.
    /// O(n log n).
    pub(crate) fn prepare<'a>(&mut self, name: &[u8], fields: impl Iterator<Item = &'a [u8]>) -> bool {
        let fields: Fields = fields.map(Box::from).collect();
        let mut sorted: Vec<&[u8]> = fields.iter().map(|field| &**field).collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return false;
        }
        self.discard(name);
        self.bytes += bytes_of(name, &fields);
        self.by_name.insert(name.into(), fields);
        true
    }

    /// The fields under a name, in the order in which they were given.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&[Box<[u8]>]> {
        self.by_name.get(name).map(|fields| &**fields)
    }

    /// Forgets one; answers whether it was there.
    pub(crate) fn discard(&mut self, name: &[u8]) -> bool {
        let Some(fields) = self.by_name.remove(name) else { return false };
        self.bytes -= bytes_of(name, &fields);
        true
    }

    /// Forgets all; answers how many there were.
    pub(crate) fn discard_all(&mut self) -> usize {
        std::mem::take(self).by_name.len()
    }

    /// Memory that they take, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes
    }
}

fn bytes_of(name: &[u8], fields: &[Box<[u8]>]) -> usize {
    let texts = fields.iter().map(|field| size_of::<Box<[u8]>>() + field.len());
    size_of::<Box<[u8]>>() * 2 + name.len() + texts.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_discarded_is_not_counted() {
        let mut sets = Fieldsets::default();
        let fields = |text: &'static str| text.split(' ').map(str::as_bytes);
        assert!(sets.prepare(b"a", fields("x y")));
        let one = sets.memory_bytes();
        assert!(sets.prepare(b"b", fields("y x")) && sets.prepare(b"a", fields("y z")));
        assert_eq!(sets.memory_bytes(), 2 * one);
        assert!(!sets.prepare(b"a", fields("x y x")));
        assert_eq!(sets.get(b"a").map(<[_]>::len), Some(2), "what was there stays");
        assert!(sets.discard(b"a") && !sets.discard(b"a"));
        assert_eq!((sets.memory_bytes(), sets.discard_all(), sets.memory_bytes()), (one, 1, 0));
    }
}
