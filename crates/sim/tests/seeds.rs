//! A bounded number of seeds, and that a seed says everything about its run.

use sim::{plan_of, run};

/// Seeds that each run of the tests tries; `cargo sim` tries more.
const SEEDS: u64 = 2000;

#[test]
fn no_seed_finds_anything() {
    for seed in 0..SEEDS {
        if let Err(finding) = run(&plan_of(seed), false) {
            panic!("seed {seed}: {}\n{}", finding.check, finding.text);
        }
    }
}

#[test]
fn equal_seeds_give_equal_runs() {
    for seed in 1000..1100 {
        let [first, second] = [(), ()].map(|()| run(&plan_of(seed), false).expect("nothing is found"));
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn seeds_differ() {
    let [first, second] = [1, 2].map(|seed| run(&plan_of(seed), false).expect("nothing is found"));
    assert_ne!(first.journal, second.journal);
}

/// Plans that failed once, shrunk; each is run with many interleavings, and twice with each.
#[test]
fn plans_that_failed_once_succeed() {
    let plans = std::fs::read_dir("tests/plans").expect("the plans are there");
    for path in plans.map(|entry| entry.expect("readable").path()) {
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut plan: sim::Plan = text.parse().expect("a plan");
        for nth in 0..100 {
            plan.pace.seed += 1;
            let [first, second] = [(), ()].map(|()| run(&plan, false));
            match (first, second) {
                (Ok(first), Ok(second)) => assert_eq!(first, second, "{}, twice", path.display()),
                (Err(finding), _) | (_, Err(finding)) => {
                    panic!("{}, interleaving {nth}: {}\n{}", path.display(), finding.check, finding.text)
                }
            }
        }
    }
}
