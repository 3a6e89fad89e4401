//! `Tree` against an ordered set, with chunks of a few ids.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Chunk, StreamId, Tree};

/// Ids per chunk.
const CHUNK: usize = 3;

struct Ids(Vec<StreamId>);

impl Chunk for Ids {
    fn first(&self) -> StreamId {
        self.0.first().copied().unwrap_or_default()
    }

    fn weight(&self) -> u64 {
        self.0.len() as u64
    }

    fn memory_bytes(&self) -> usize {
        self.0.len()
    }
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(u64),
    /// Removes all ids of a span.
    Remove(u64, u64),
    /// Appends so many ids behind all others.
    Append(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0u64..400).prop_map(Op::Insert),
        2 => (0u64..400, 1u64..40).prop_map(|(from, count)| Op::Remove(from, count)),
        1 => (1u64..30).prop_map(Op::Append),
    ]
}

fn id_of(number: u64) -> StreamId {
    StreamId::new(0, number)
}

fn insert(tree: &mut Tree<Ids>, id: StreamId) {
    let inserted = tree.edit(id, |ids| {
        let Err(index) = ids.0.binary_search(&id) else { return ((), None) };
        if ids.0.len() < CHUNK {
            ids.0.insert(index, id);
            return ((), None);
        }
        if index == CHUNK {
            return ((), Some(Ids(vec![id])));
        }
        let rest = Ids(ids.0.split_off(index));
        ids.0.push(id);
        ((), Some(rest))
    });
    if inserted.is_none() {
        tree.push(Ids(vec![id]));
    }
}

fn remove(tree: &mut Tree<Ids>, id: StreamId) -> bool {
    let removed = tree.edit(id, |ids| {
        let index = ids.0.binary_search(&id);
        (index.map(|index| ids.0.remove(index)).is_ok(), None)
    });
    removed == Some(true)
}

fn check(tree: &Tree<Ids>, model: &BTreeSet<StreamId>) {
    tree.check();
    let forward = tree.forward(StreamId::MIN).flat_map(|ids| &ids.0);
    assert!(forward.eq(model));
    for probe in (0..420).step_by(13).map(id_of) {
        let (before, ids) = tree.rank(probe);
        let here = ids.map_or(0, |ids| ids.0.iter().filter(|&&id| id <= probe).count());
        assert_eq!(before as usize + here, model.range(..=probe).count());
        let from = tree.forward(probe).flat_map(|ids| &ids.0).filter(|&&id| id >= probe);
        assert!(from.eq(model.range(probe..)));
        let back = tree.backward(probe).flat_map(|ids| ids.0.iter().rev()).filter(|&&id| id <= probe);
        assert!(back.eq(model.range(..=probe).rev()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn behaves_like_an_ordered_set(ops in prop::collection::vec(op(), 1..300)) {
        let (mut tree, mut model) = (Tree::default(), BTreeSet::new());
        for op in ops {
            match op {
                Op::Insert(number) => {
                    insert(&mut tree, id_of(number));
                    model.insert(id_of(number));
                }
                Op::Remove(from, count) => {
                    for id in (from..from + count).map(id_of) {
                        assert_eq!(remove(&mut tree, id), model.remove(&id));
                    }
                }
                Op::Append(count) => {
                    let last = model.last().map_or(0, |id| id.seq);
                    for id in (last + 1..=last + count).map(id_of) {
                        insert(&mut tree, id);
                        model.insert(id);
                    }
                }
            }
            tree.check();
        }
        check(&tree, &model);
    }
}
