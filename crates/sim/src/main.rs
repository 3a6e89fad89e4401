//! Runs seeds until one fails; then makes its plan small and shows what happened.

use sim::{Count, Finding, Plan};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

const USAGE: &str = "\
usage: redstart-sim [--start SEED] [--seeds COUNT] [--jobs COUNT] [--shrink RUNS]
       redstart-sim PLAN      runs the plan in a file, with its trace";

struct Options {
    start: u64,
    seeds: u64,
    jobs: u64,
    shrink: usize,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if let (Some(path), None) = (arguments.next(), arguments.next()) {
        return run_file(&path);
    }
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if cfg!(panic = "abort") {
        eprintln!(
            "This build ends at the first panic, without shrinking: `cargo sim` builds one that doesn't."
        );
    }
    match run_seeds(&options) {
        Ok(census) => {
            show(&census);
            println!("seeds {} to {}: nothing found", options.start, options.start + options.seeds);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let (seed, plan, finding) = *failure;
            report(seed, &plan, &finding, options.shrink);
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { start: 0, seeds: 1000, jobs: 1, shrink: 3000 };
    while let Some(name) = arguments.next() {
        let value: u64 = arguments.next()?.parse().ok()?;
        match &name[..] {
            "--start" => options.start = value,
            "--seeds" => options.seeds = value,
            "--jobs" => options.jobs = value.max(1),
            "--shrink" => options.shrink = usize::try_from(value).ok()?,
            _ => return None,
        }
    }
    Some(options)
}

type Census = BTreeMap<String, Count>;
type Failure = Box<(u64, Plan, Finding)>;

/// Runs the seeds, several at a time; answers what ran, or the first seed that fails.
fn run_seeds(options: &Options) -> Result<Census, Failure> {
    let (next, stop) = (AtomicU64::new(options.start), AtomicBool::new(false));
    let end = options.start + options.seeds;
    let work = || {
        let mut census = Census::new();
        while !stop.load(Relaxed) {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= end {
                break;
            }
            let plan = sim::plan_of(seed);
            match sim::run(&plan, false) {
                Ok(summary) => add(&mut census, summary.census),
                Err(finding) => {
                    stop.store(true, Relaxed);
                    return Err(Box::new((seed, plan, finding)));
                }
            }
        }
        Ok(census)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.jobs).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("runs catch panics")).collect()
    });
    let mut all = Census::new();
    for result in results {
        add(&mut all, result?);
    }
    Ok(all)
}

fn add(all: &mut Census, census: Census) {
    for (name, count) in census {
        let sum = all.entry(name).or_default();
        sum.ran += count.ran;
        sum.failed += count.failed;
        sum.waited += count.waited;
    }
}

fn show(census: &Census) {
    println!("{:<24} {:>10} {:>10} {:>10}", "command", "ran", "failed", "waited");
    for (name, Count { ran, failed, waited }) in census {
        println!("{name:<24} {ran:>10} {failed:>10} {waited:>10}");
    }
}

fn run_file(path: &str) -> ExitCode {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    match text.and_then(|text| text.parse::<Plan>()).map(|plan| sim::run(&plan, true)) {
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::from(2)
        }
        Ok(Ok(summary)) => {
            show(&summary.census);
            println!("nothing found");
            ExitCode::SUCCESS
        }
        Ok(Err(finding)) => {
            println!("{}: {}\n\n{}", finding.check, finding.text, finding.trace.join("\n"));
            ExitCode::FAILURE
        }
    }
}

fn report(seed: u64, plan: &Plan, finding: &Finding, budget: usize) {
    println!("seed {seed}: {}\n{}\n", finding.check, finding.text);
    let small = sim::shrink(plan, finding, budget);
    println!("shrunk from {} steps to {}:\n{small}", plan.len(), small.len());
    match sim::run(&small, true) {
        Err(finding) => println!("{}: {}\n\n{}", finding.check, finding.text, finding.trace.join("\n")),
        Ok(_) => println!("the shrunk plan no longer fails"),
    }
}
