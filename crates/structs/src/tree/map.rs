//! `Map`: an ordered map with the tree's rule for clones, its pairs in runs.

use std::borrow::Borrow;

use triomphe::Arc;

use super::{Backward, ByKey, Chunk, Forward, Tree, own};
use crate::packed::End;

/// Pairs per run.
const PAIRS: usize = if cfg!(test) { 4 } else { 32 };

/// Keys with their values, in order. Cloned in O(1); everything else takes O(log n).
#[derive(Clone, Debug)]
pub(crate) struct Map<K, V> {
    runs: Tree<K, Arc<Run<K, V>>>,
}

/// Pairs that follow each other. A copy has as much room as the original.
#[derive(Debug)]
struct Run<K, V> {
    pairs: Vec<(K, V)>,
}

impl<K: Clone, V: Clone> Clone for Run<K, V> {
    fn clone(&self) -> Self {
        let mut pairs = Vec::with_capacity(self.pairs.capacity());
        pairs.extend_from_slice(&self.pairs);
        Self { pairs }
    }
}

impl<K, V> Chunk for Arc<Run<K, V>> {
    fn weight(&self) -> u64 {
        self.pairs.len() as u64
    }

    fn memory_bytes(&self) -> usize {
        size_of::<usize>() + size_of::<Run<K, V>>() + self.pairs.capacity() * size_of::<(K, V)>()
    }
}

impl<K, V> Run<K, V> {
    #[inline]
    fn search<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.pairs.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }
}

impl<K: Clone + Ord, V: Clone> Run<K, V> {
    /// Inserts a pair; when the run is full, its second half is returned as a run of its own.
    fn insert(&mut self, index: usize, pair: (K, V)) -> Option<Self> {
        if self.pairs.len() < PAIRS {
            if self.pairs.len() == self.pairs.capacity() {
                self.pairs.reserve_exact(self.pairs.len().clamp(1, PAIRS - self.pairs.len()));
            }
            self.pairs.insert(index, pair);
            return None;
        }
        if index == PAIRS {
            return Some(Self { pairs: vec![pair] });
        }
        let mut second = self.pairs.split_off(PAIRS / 2);
        match index.checked_sub(PAIRS / 2) {
            Some(index) if index > 0 => second.insert(index, pair),
            _ => self.pairs.insert(index, pair),
        }
        self.pairs.shrink_to_fit();
        Some(Self { pairs: second })
    }

    fn remove(&mut self, index: usize) -> V {
        let (_, value) = self.pairs.remove(index);
        if self.pairs.len() * 4 <= self.pairs.capacity() {
            self.pairs.shrink_to(self.pairs.len() * 2);
        }
        value
    }
}

/// To the run that a key belongs to.
fn to<K: Borrow<Q>, Q: Ord + ?Sized>(key: &Q) -> ByKey<impl Fn(&K) -> bool> {
    ByKey(move |first: &K| first.borrow() <= key)
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Map<K, V> {
    /// An empty map. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self { runs: Tree::new() }
    }

    /// Number of pairs. O(1).
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.runs.weight() as usize
    }

    /// Whether there are no pairs.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes allocated, without what keys and values own. O(1).
    pub(crate) fn memory_bytes(&self) -> usize {
        self.runs.memory_bytes()
    }
}

impl<K: Clone + Ord, V: Clone> Map<K, V> {
    /// The pair with a key.
    #[inline]
    pub(crate) fn get_pair<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let run = self.runs.get(to(key))?;
        run.search(key).ok().map(|index| &run.pairs[index])
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_pair(key).map(|(_, value)| value)
    }

    /// The value of a key, for changing.
    #[inline]
    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let run = self.runs.get_mut(to(key))?;
        let index = run.search(key).ok()?;
        Some(&mut own(run).pairs[index].1)
    }

    /// The first pair.
    #[inline]
    pub(crate) fn first(&self) -> Option<&(K, V)> {
        self.runs.get(End::Front)?.pairs.first()
    }

    /// The last pair with a key of at most `key`.
    pub(crate) fn floor<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let run = self.runs.get(to(key))?;
        match run.search(key) {
            Ok(index) => run.pairs.get(index),
            Err(0) => self.range_back(key).next(),
            Err(index) => run.pairs.get(index - 1),
        }
    }

    /// The first pair with a key of at least `key`.
    pub(crate) fn ceiling<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let run = self.runs.get(to(key))?;
        let index = run.search(key).unwrap_or_else(|index| index);
        run.pairs.get(index).or_else(|| self.range(key).next())
    }

    /// Removes all pairs.
    pub(crate) fn clear(&mut self) {
        self.runs.remove_range(0..u64::MAX);
    }

    /// Inserts a pair, or replaces the value. Returns the value there was.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.is_empty() {
            let run = Run { pairs: vec![(key.clone(), value)] };
            self.runs.insert_after(End::Back, key, Arc::new(run));
            return None;
        }
        let sought = key.clone();
        let edited = self.runs.edit(to(&sought), |run| match run.search(&key) {
            Ok(index) => {
                let held = &mut own(run).pairs[index].1;
                (Some(std::mem::replace(held, value)), None)
            }
            Err(index) => {
                let second = own(run).insert(index, (key, value));
                (None, second.map(|run| (run.pairs[0].0.clone(), Arc::new(run))))
            }
        });
        edited.flatten()
    }

    /// Removes a pair. Returns its value.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let removed = self.runs.edit(to(key), |run| match run.search(key) {
            Ok(index) => (Some(own(run).remove(index)), None),
            Err(_) => (None, None),
        });
        removed.flatten()
    }

    /// Removes the first pair.
    pub(crate) fn pop_first(&mut self) {
        self.runs.edit(End::Front, |run| (own(run).remove(0), None));
    }

    /// Keeps the pairs for which `keep` holds. O(n).
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        let gone: Vec<K> =
            self.iter().filter(|(key, value)| !keep(key, value)).map(|(key, _)| key.clone()).collect();
        for key in &gone {
            self.remove(key);
        }
    }

    /// All pairs in order.
    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        Iter { runs: self.runs.forward(End::Front), pairs: [].iter() }
    }

    /// The pairs with keys of at least `from`, in order.
    #[inline]
    pub(crate) fn range<Q: Ord + ?Sized>(&self, from: &Q) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let mut runs = self.runs.forward(to(from));
        let pairs = runs.next().map_or(&[][..], |run| {
            let index = run.search(from).unwrap_or_else(|index| index);
            &run.pairs[index..]
        });
        Iter { runs, pairs: pairs.iter() }
    }

    /// The pairs with keys of at most `upto`, in reverse order.
    #[inline]
    pub(crate) fn range_back<Q: Ord + ?Sized>(&self, upto: &Q) -> IterBack<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let mut runs = self.runs.backward(to(upto));
        let pairs = runs.next().map_or(&[][..], |run| {
            let end = run.search(upto).map_or_else(|index| index, |index| index + 1);
            &run.pairs[..end]
        });
        IterBack { runs, pairs: pairs.iter() }
    }
}

/// Pairs in order.
#[derive(Clone, Debug)]
pub(crate) struct Iter<'a, K, V> {
    runs: Forward<'a, K, Arc<Run<K, V>>>,
    pairs: std::slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = &'a (K, V);

    #[inline]
    fn next(&mut self) -> Option<&'a (K, V)> {
        loop {
            if let Some(pair) = self.pairs.next() {
                return Some(pair);
            }
            self.pairs = self.runs.next()?.pairs.iter();
        }
    }
}

/// Pairs in reverse order.
#[derive(Clone, Debug)]
pub(crate) struct IterBack<'a, K, V> {
    runs: Backward<'a, K, Arc<Run<K, V>>>,
    pairs: std::slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iterator for IterBack<'a, K, V> {
    type Item = &'a (K, V);

    #[inline]
    fn next(&mut self) -> Option<&'a (K, V)> {
        loop {
            if let Some(pair) = self.pairs.next_back() {
                return Some(pair);
            }
            self.pairs = self.runs.next()?.pairs.iter();
        }
    }
}
