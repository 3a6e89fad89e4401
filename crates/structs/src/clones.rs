//! What every container promises of its clones: whatever is changed or dropped, in which order, each stays what it was.

use proptest::prelude::*;

/// What happens to a fixture and its clones before a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Past {
    /// Nothing: most steps just follow each other.
    Goes,
    /// A clone is put aside.
    IsKept,
    /// A clone that was put aside is worked on instead, and what was worked on is put aside.
    Returns(usize),
    /// A clone that was put aside is dropped.
    IsForgotten(usize),
}

/// Steps with what happens to clones between them.
pub(crate) fn steps<S: Strategy>(
    step: S,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<(S::Value, Past)>> {
    let past = prop_oneof![
        12 => Just(Past::Goes),
        2 => Just(Past::IsKept),
        1 => any::<usize>().prop_map(Past::Returns),
        1 => any::<usize>().prop_map(Past::IsForgotten),
    ];
    prop::collection::vec((step, past), count)
}

/// Takes the steps on a fixture: a container and its model, which `apply` changes together and `check` compares.
pub(crate) fn walk<F: Clone, S>(
    mut fixture: F,
    steps: Vec<(S, Past)>,
    mut apply: impl FnMut(&mut F, S),
    mut check: impl FnMut(&mut F),
) {
    let mut kept: Vec<F> = Vec::new();
    for (step, past) in steps {
        match past {
            Past::IsKept => kept.push(fixture.clone()),
            Past::Returns(which) if !kept.is_empty() => {
                let which = which % kept.len();
                std::mem::swap(&mut fixture, &mut kept[which]);
            }
            Past::IsForgotten(which) if !kept.is_empty() => {
                let which = which % kept.len();
                check(&mut kept.swap_remove(which));
            }
            _ => {}
        }
        apply(&mut fixture, step);
        check(&mut fixture);
    }
    kept.iter_mut().for_each(check);
}
