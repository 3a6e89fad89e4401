//! When the members below each node expire, and ranks that leave out those whose time is over.

use triomphe::Arc;

use super::super::leaf::Key;
use super::super::moments::{NEVER, Span};
use super::{Children, Inner, Order};

/// Members whose time is over: those that expire before a moment. How many of them are among the first so many of a
/// leaf, the leaf is asked.
pub(in super::super) struct Due<'a> {
    pub(in super::super) from_ms: i64,
    pub(in super::super) in_leaf: &'a dyn Fn(u32, usize) -> usize,
}

/// A leaf, and what comes before it.
pub(in super::super) struct Reached {
    pub(in super::super) leaf: u32,
    /// Elements in the leaves before it.
    pub(in super::super) before: u64,
    /// What is left of the number that led here.
    pub(in super::super) rest: usize,
}

impl Order {
    /// Whether any member expires.
    #[inline]
    pub(in super::super) fn is_timed(&self) -> bool {
        !self.root.spans.is_empty()
    }

    /// When the first member expires.
    #[inline]
    pub(in super::super) fn first_expiry_ms(&self) -> Option<i64> {
        Some(self.root.span().first).filter(|at_ms| *at_ms != NEVER)
    }

    /// Says when the members of the leaf expire that an element belongs to.
    pub(in super::super) fn set_span(&mut self, key: Key<'_>, span: Span) {
        Arc::make_mut(&mut self.root).set_span(key, span);
    }

    /// The leaf with the member that expires first.
    pub(in super::super) fn first_to_expire(&self) -> Option<u32> {
        let mut node = &*self.root;
        loop {
            let (at, _) = node.spans.iter().enumerate().min_by_key(|(_, span)| span.first)?;
            match &node.children {
                Children::Leaves(leaves) => return Some(leaves[at]),
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// How many of the first `rank` elements are due. What is wholly due or not at all below a node is counted at once:
    /// O(log n), and one step for each leaf in which some members are and some aren't.
    pub(in super::super) fn due_before(&self, mut rank: u64, due: &Due<'_>) -> u64 {
        let mut found = 0;
        let mut node = &*self.root;
        'down: loop {
            for (at, count) in node.counts.iter().copied().enumerate() {
                if rank < count {
                    match &node.children {
                        Children::Leaves(leaves) => {
                            return found + (due.in_leaf)(leaves[at], rank as usize) as u64;
                        }
                        Children::Nodes(nodes) => node = &nodes[at],
                    }
                    continue 'down;
                }
                rank -= count;
                found += node.due_below(at, due);
            }
            return found;
        }
    }

    /// The leaf with the element that so many which aren't due come before. As fast as [`Order::due_before`].
    pub(in super::super) fn select_alive(&self, rank: usize, due: &Due<'_>) -> Option<Reached> {
        let (mut before, mut rest) = (0, rank as u64);
        let mut node = &*self.root;
        'down: loop {
            for (at, count) in node.counts.iter().copied().enumerate() {
                let alive = count - node.due_below(at, due);
                if rest < alive {
                    match &node.children {
                        Children::Leaves(leaves) => {
                            return Some(Reached { leaf: leaves[at], before, rest: rest as usize });
                        }
                        Children::Nodes(nodes) => node = &nodes[at],
                    }
                    continue 'down;
                }
                rest -= alive;
                before += count;
            }
            return None;
        }
    }
}

/// The spans of nodes; none at all if nothing below them expires.
pub(super) fn of_nodes(nodes: &[&Inner]) -> Vec<Span> {
    let timed = nodes.iter().any(|node| !node.spans.is_empty());
    if timed { nodes.iter().map(|node| node.span()).collect() } else { Vec::new() }
}

impl Inner {
    /// When members below expire.
    pub(super) fn span(&self) -> Span {
        if self.spans.is_empty() { Span::NEVER } else { Span::of(self.spans.iter().copied()) }
    }

    /// Says when members below a child expire.
    fn put_span(&mut self, at: usize, span: Span) {
        if self.spans.is_empty() {
            if span == Span::NEVER {
                return;
            }
            self.spans = vec![Span::NEVER; self.len()];
        }
        self.spans[at] = span;
        self.forget_spans_if_never();
    }

    fn forget_spans_if_never(&mut self) {
        if self.spans.iter().all(|span| *span == Span::NEVER) {
            self.spans = Vec::new();
        }
    }

    fn set_span(&mut self, key: Key<'_>, span: Span) {
        let at = self.child_of(key);
        let below = match &mut self.children {
            Children::Leaves(_) => span,
            Children::Nodes(nodes) => {
                let node = Arc::make_mut(&mut nodes[at]);
                node.set_span(key, span);
                node.span()
            }
        };
        self.put_span(at, below);
    }

    /// Asks the nodes at and beside `at`, which have been split or joined, when members below them expire.
    pub(super) fn renew_spans(&mut self, at: usize) {
        for near in at.saturating_sub(1)..=at + 1 {
            let Children::Nodes(nodes) = &self.children else { return };
            if let Some(span) = nodes.get(near).map(|node| node.span()) {
                self.put_span(near, span);
            }
        }
    }

    /// The children at `left` and behind it have become one.
    pub(super) fn join_spans(&mut self, left: usize) {
        if !self.spans.is_empty() {
            let right = self.spans.remove(left + 1);
            self.put_span(left, Span::of([self.spans[left], right].into_iter()));
        }
    }

    /// The child at `at` is gone.
    pub(super) fn remove_span(&mut self, at: usize) {
        if !self.spans.is_empty() {
            self.spans.remove(at);
            self.forget_spans_if_never();
        }
    }

    /// Gives the spans of the children from `half` on away.
    pub(super) fn split_spans(&mut self, half: usize) -> Vec<Span> {
        if self.spans.is_empty() {
            return Vec::new();
        }
        let mut right = self.spans.split_off(half);
        self.forget_spans_if_never();
        if right.iter().all(|span| *span == Span::NEVER) {
            right = Vec::new();
        }
        right
    }

    /// The children of `right` are about to come behind those that are here.
    pub(super) fn append_spans(&mut self, right: &Inner) {
        if self.spans.is_empty() && right.spans.is_empty() {
            return;
        }
        let never = Span::NEVER;
        let len = self.len();
        self.spans.resize(len, never);
        self.spans.extend_from_slice(&right.spans);
        self.spans.resize(len + right.len(), never);
    }

    /// Members below a child that are due.
    fn due_below(&self, at: usize, due: &Due<'_>) -> u64 {
        match self.spans.get(at) {
            None => 0,
            Some(span) if span.first >= due.from_ms => 0,
            Some(span) if span.last < due.from_ms => self.counts[at],
            Some(_) => match &self.children {
                Children::Leaves(leaves) => (due.in_leaf)(leaves[at], usize::MAX) as u64,
                Children::Nodes(nodes) => {
                    let node = &nodes[at];
                    (0..node.len()).map(|at| node.due_below(at, due)).sum()
                }
            },
        }
    }

    /// Panics unless spans hold.
    #[cfg(test)]
    pub(super) fn check_spans(&self) {
        if let Children::Nodes(nodes) = &self.children {
            let nodes: Vec<&Inner> = nodes.iter().map(|node| &**node).collect();
            assert_eq!(self.spans, of_nodes(&nodes));
        }
        assert!(self.spans.is_empty() || self.spans.len() == self.len());
        assert!(self.spans.is_empty() || self.spans.iter().any(|span| *span != Span::NEVER));
    }
}
