//! Making a failing sequence short (A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
//! 2002, without the complement's bookkeeping).

/// The shortest subsequence found for which `fails` still holds, after at most `attempts` tries.
///
/// `fails` has to hold for `items` itself.
pub fn shortest<T: Clone>(items: &[T], attempts: usize, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = items.to_vec();
    let mut chunk = kept.len().div_ceil(2);
    let mut left = attempts;
    while chunk > 0 {
        let before = kept.len();
        let mut from = 0;
        while from < kept.len() && left > 0 {
            let to = (from + chunk).min(kept.len());
            let candidate = [&kept[..from], &kept[to..]].concat();
            left -= 1;
            if fails(&candidate) {
                kept = candidate;
            } else {
                from = to;
            }
        }
        if left == 0 {
            break;
        }
        // A pass over single items that removed some may have made others superfluous.
        chunk = if chunk == 1 && kept.len() < before { 1 } else { chunk / 2 };
    }
    kept
}

/// `commands` with as many of their arguments left out as possible, one or two at a time, after at most `attempts`
/// tries. `args` gives the arguments of an item; the first, its name, stays.
pub fn without_arguments<T: Clone, A>(
    items: &[T],
    attempts: usize,
    args: impl Fn(&mut T) -> &mut Vec<A>,
    mut fails: impl FnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut kept = items.to_vec();
    let mut left = attempts;
    for item in 0..kept.len() {
        for width in [2, 1] {
            let mut at = 1;
            while at + width <= args(&mut kept[item]).len() && left > 0 {
                let mut candidate = kept.clone();
                args(&mut candidate[item]).drain(at..at + width);
                left -= 1;
                if fails(&candidate) {
                    kept = candidate;
                } else {
                    at += 1;
                }
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_exactly_the_items_that_matter(len in 1_usize..200, a: prop::sample::Index, b: prop::sample::Index) {
            let items: Vec<_> = (0..len).collect();
            let mut needed = vec![a.index(len), b.index(len)];
            needed.sort_unstable();
            needed.dedup();
            let kept = shortest(&items, usize::MAX, |some| needed.iter().all(|item| some.contains(item)));
            prop_assert_eq!(kept, needed);
        }
    }

    #[test]
    fn leaves_out_arguments_that_do_not_matter() {
        let items = [vec!["A", "x", "y", "needed", "z"], vec!["B", "u"]];
        let kept = without_arguments(&items, 100, |item| item, |some| some[0].contains(&"needed"));
        assert_eq!(kept, [vec!["A", "needed"], vec!["B"]]);
    }

    #[test]
    fn stops_when_the_attempts_are_used_up() {
        let mut tried = 0;
        shortest(&[0; 100], 7, |_| {
            tried += 1;
            false
        });
        assert_eq!(tried, 7);
    }
}
