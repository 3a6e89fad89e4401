//! DEBUG DIGEST: a fingerprint of the data that doesn't depend on the order in which it lies in memory.
//!
//! A value's digest is the SHA-1 of its type and its elements; where the order of elements means nothing, the digests of
//! the elements are combined by exclusive or. The dataset's digest combines those of its keys in the same way. Every
//! part is hashed behind its length, so that parts can't be confused.

use keyspace::{DbIndex, Item, Kind};
use sha1::{Digest, Sha1};

/// A fingerprint: 20 bytes, all zeroes for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Fingerprint([u8; 20]);

impl Fingerprint {
    /// 40 hexadecimal digits.
    pub(super) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds something whose order doesn't matter.
    pub(super) fn combine(&mut self, other: Fingerprint) {
        self.0.iter_mut().zip(other.0).for_each(|(byte, other)| *byte ^= other);
    }

    fn of(parts: &[&[u8]]) -> Fingerprint {
        let mut sha = Sha1::new();
        parts.iter().for_each(|part| add(&mut sha, part));
        Fingerprint(sha.finalize().into())
    }
}

fn add(sha: &mut Sha1, part: &[u8]) {
    sha.update((part.len() as u64).to_le_bytes());
    sha.update(part);
}

/// A key of a database with all that belongs to it but the moment at which it expires.
pub(super) fn of_key(db: DbIndex, item: &Item<'_>) -> Fingerprint {
    let value = of_value(item);
    Fingerprint::of(&[&db.to_le_bytes(), item.key(), &value.0, &[u8::from(item.expiry_ms().is_some())]])
}

/// A value.
pub(super) fn of_value(item: &Item<'_>) -> Fingerprint {
    let kind = item.kind();
    let Some(object) = item.any_object() else {
        let text = item.string().map(|string| string.to_vec()).unwrap_or_default();
        return of_elements(kind, |visit| visit(&[&text]));
    };
    of_elements(kind, |visit| object.elements(visit))
}

fn of_elements(kind: Kind, elements: impl FnOnce(&mut dyn FnMut(&[&[u8]]))) -> Fingerprint {
    let (mut sha, mut combined) = (Sha1::new(), Fingerprint::default());
    add(&mut sha, kind.name().as_bytes());
    elements(&mut |parts| {
        if kind.is_ordered() {
            sha.update((parts.len() as u64).to_le_bytes());
            parts.iter().for_each(|part| add(&mut sha, part));
        } else {
            combined.combine(Fingerprint::of(parts));
        }
    });
    add(&mut sha, &combined.0);
    Fingerprint(sha.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, elements: &[&[&[u8]]]) -> Fingerprint {
        of_elements(kind, |visit| elements.iter().for_each(|parts| visit(parts)))
    }

    #[test]
    fn order_matters_where_it_is_part_of_the_value() {
        let ab = |kind| of(kind, &[&[b"a"], &[b"b"]]);
        let ba = |kind| of(kind, &[&[b"b"], &[b"a"]]);
        assert_ne!(ab(Kind::List), ba(Kind::List));
        assert_eq!(ab(Kind::Set), ba(Kind::Set));
        assert_ne!(ab(Kind::Set), ab(Kind::Hash));
    }

    #[test]
    fn parts_are_not_confused() {
        assert_ne!(of(Kind::Hash, &[&[b"ab", b"c"]]), of(Kind::Hash, &[&[b"a", b"bc"]]));
        assert_ne!(of(Kind::List, &[&[b"a", b"b"]]), of(Kind::List, &[&[b"a"], &[b"b"]]));
    }

    #[test]
    fn nothing_is_zeroes() {
        assert_eq!(Fingerprint::default().to_hex(), "0".repeat(40));
    }
}
