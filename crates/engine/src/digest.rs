//! DEBUG DIGEST: a fingerprint of the data that doesn't depend on the order in which it lies in memory, and that other servers with
//! the same data answer too.
//!
//! ```text
//! blend(d, part) = d xor SHA1(part)           where order means nothing
//! chain(d, part) = SHA1(blend(d, part))       where it does
//!
//! value    chain the type's number (4 bytes, big endian), then
//!            string            chain its text
//!            list              chain each element
//!            set               blend each member
//!            sorted set, hash  blend, for each member, the chain of member and score, or of field and value
//!                              and blend "!!hexpire!!" into it if the element expires
//!            stream            chain each entry's id (ms.seq), fields and values
//!            array             chain the index of each filled cell, and what it holds
//!          and blend "!!expire!!" if the key expires
//! key      the chain of its name, continued as its value's
//! dataset  chain the number (4 bytes, big endian) of each database that has keys, blend its keys' digests
//! ```
//! The beginning of everything is 20 zero bytes.

use command::Shard;
use keyspace::{DbIndex, Item, Kind};
use sha1::{Digest, Sha1};
use structs::ranked::Ranked;

/// A fingerprint: 20 bytes, all zeroes for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fingerprint([u8; 20]);

impl Fingerprint {
    /// 40 hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds something whose order doesn't matter.
    fn blend(&mut self, part: &[u8]) {
        let hash = Sha1::digest(part);
        self.0.iter_mut().zip(hash).for_each(|(byte, other)| *byte ^= other);
    }

    /// Adds something behind what there is.
    fn chain(&mut self, part: &[u8]) {
        self.blend(part);
        self.0 = Sha1::digest(self.0).into();
    }
}

/// A dataset, database by database.
#[derive(Default)]
struct Dataset(Fingerprint);

impl Dataset {
    /// A database that has keys; databases come in the order of their numbers.
    fn database(&mut self, index: DbIndex) {
        self.0.chain(&index.to_be_bytes());
    }

    /// A key of the database.
    fn key(&mut self, item: &Item<'_>) {
        let mut digest = Fingerprint::default();
        digest.chain(item.key());
        add_value(&mut digest, item);
        self.0.blend(&digest.0);
    }

    fn finish(self) -> Fingerprint {
        self.0
    }
}

/// What is done with a shard.
type Look<'a> = &'a mut dyn FnMut(&Shard);

/// Everything that isn't expired at `now_ms` in so many databases. `visit` hands its argument each shard once.
pub(crate) fn of_all(databases: u32, now_ms: i64, visit: &mut dyn FnMut(Look<'_>)) -> Fingerprint {
    let mut dataset = Dataset::default();
    for index in 0..databases {
        let mut keys = 0;
        visit(&mut |shard| keys += shard.db(index).len());
        if keys > 0 {
            dataset.database(index);
            visit(&mut |shard| {
                shard.db(index).for_each(|item| {
                    if !item.is_expired(now_ms) {
                        dataset.key(&item);
                    }
                });
            });
        }
    }
    dataset.finish()
}

/// A value, and whether it expires.
pub(crate) fn of_value(item: &Item<'_>) -> Fingerprint {
    let mut digest = Fingerprint::default();
    add_value(&mut digest, item);
    digest
}

fn add_value(digest: &mut Fingerprint, item: &Item<'_>) {
    let kind = item.kind();
    digest.chain(&(kind as u32).to_be_bytes());
    match item.any_object() {
        _ if item.first_element_expiry_ms().is_some() => add_expiring_elements(digest, item),
        None => digest.chain(&item.string().map(|string| string.to_vec()).unwrap_or_default()),
        Some(object) => object.elements(&mut |parts| add_element(digest, kind, parts)),
    }
    if item.expiry_ms().is_some() {
        digest.blend(b"!!expire!!");
    }
}

/// Adds the elements of a value of which some expire.
fn add_expiring_elements(digest: &mut Fingerprint, item: &Item<'_>) {
    if let Some(set) = item.object::<Ranked>() {
        return add_expiring_members(digest, &set);
    }
    let hash = item.fields();
    let set = item.members();
    for element in hash.or(set).into_iter().flatten() {
        let mut one = Fingerprint::default();
        element.name.with_text(|name| one.chain(name));
        if hash.is_some() {
            element.value.with_text(|value| one.chain(value));
        }
        if element.expiry_ms.is_some() {
            one.blend(b"!!hexpire!!");
        }
        digest.blend(&one.0);
    }
}

/// Adds the members of a sorted set with their scores.
fn add_expiring_members(digest: &mut Fingerprint, set: &Ranked) {
    let mut score = Vec::new();
    for element in set {
        let mut one = Fingerprint::default();
        score.clear();
        base::num::push_f64_digits(&mut score, element.score);
        let expires = element.member.with_text(|member| {
            one.chain(member);
            set.expiry_ms(member).flatten().is_some()
        });
        one.chain(&score);
        if expires {
            one.blend(b"!!hexpire!!");
        }
        digest.blend(&one.0);
    }
}

fn add_element(digest: &mut Fingerprint, kind: Kind, parts: &[&[u8]]) {
    match parts {
        _ if kind.is_ordered() => parts.iter().for_each(|part| digest.chain(part)),
        [member] => digest.blend(member),
        _ => {
            let mut element = Fingerprint::default();
            parts.iter().for_each(|part| element.chain(part));
            digest.blend(&element.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each with its parts.
    type Elements<'a> = &'a [&'a [&'a [u8]]];

    fn of(kind: Kind, elements: Elements<'_>) -> String {
        let mut digest = Fingerprint::default();
        digest.chain(&(kind as u32).to_be_bytes());
        elements.iter().for_each(|parts| add_element(&mut digest, kind, parts));
        digest.to_hex()
    }

    /// What Redis 8.0.6 answers to DEBUG DIGEST-VALUE for the same values.
    #[test]
    fn digests_are_those_of_redis() {
        let cases: [(Kind, Elements<'_>, &str); 6] = [
            (Kind::String, &[&[b"hello"]], "36b23a1456b2dce2c3ed252c456761301dba8060"),
            (Kind::List, &[&[b"a"], &[b"b"]], "62f55a532623cf6c3d81081db480b6fd8461eb3f"),
            (Kind::Set, &[&[b"2"], &[b"1"]], "5d9842e5bd79f833c83b3535ec4a6836aba6d1fd"),
            (Kind::SortedSet, &[&[b"a", b"1.5"], &[b"b", b"2"]], "445b877af3c3ec83af30529ddbbdda3185172254"),
            (Kind::Hash, &[&[b"g", b"w"], &[b"f", b"v"]], "d127864ed50239662bf61bafc9bda63c17da5b37"),
            (Kind::Stream, &[&[b"1.2", b"f", b"v", b"g", b"w"]], "34837dc08bfb0c3907659ba46d6292d7de2d4eb8"),
        ];
        for (kind, elements, digest) in cases {
            assert_eq!(of(kind, elements), digest, "{}", kind.name());
        }
    }

    #[test]
    fn nothing_is_zeroes() {
        assert_eq!(Dataset::default().finish().to_hex(), "0".repeat(40));
    }
}
