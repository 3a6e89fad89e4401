//! The command line of the differential tester.

use differential::case::{self, Course, Options};
use differential::forms::Family;
use differential::generate::{Repertoire, Step};
use differential::grammar::Form;
use differential::known::{self, Accepted};
use differential::server::{Flavor, Pair};
use differential::{shrink, transcript};
use resp::reply::Value;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "\
Runs the same random commands against two servers and compares answers and data.

  differential [options] LEFT RIGHT    each the path of a server or the port of a running one

  --families A,B     strings, keys, lists, sets, hashes, streams, sorted-sets, bitmaps, hyperloglogs, geo, sort, subscriptions, connections, server, transactions, blocking (default: all)
  --seed N           seed of the first case (default 1); case N is run by --seed N --cases 1
  --cases N          number of cases (default 100)
  --steps N          commands of a case (default 250)
  --dataset-every N  commands between two comparisons of everything stored (default 25)
  --seconds N        stop after so long
  --max-failures N   stop after so many kinds of failures (default 10)
  --shrink N         times a failing sequence is run again to make it shorter (default 1000)
  --accept FILE      a list of differences that don't count, each with its reason
  --error-words      compare the first word of errors only
  --events           compare the keyspace events that are published too, and their order
  --coverage         say how often each command was answered, and how often with an error
  --known            say which fields are left out of the comparison, and why

The servers' data is deleted. The exit code is 1 when they differ.";

/// Longer sequences are left as they are: they failed to become short for a reason.
const SHORT: usize = 12;

/// What the command line says.
struct Arguments {
    servers: Vec<String>,
    families: Vec<Family>,
    seed: u64,
    cases: u64,
    steps: usize,
    seconds: u64,
    max_failures: usize,
    /// Times a failing sequence is run again to make it shorter, for its commands and for their arguments.
    shrink: usize,
    coverage: bool,
    options: Options,
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut parsed = Arguments {
        servers: Vec::new(),
        families: Family::ALL.to_vec(),
        seed: 1,
        cases: 100,
        steps: 250,
        seconds: u64::MAX,
        max_failures: 10,
        shrink: 1000,
        coverage: false,
        options: Options {
            dataset_every: 25,
            error_texts: true,
            accepted: Accepted::default(),
            events: false,
        },
    };
    while let Some(word) = words.next() {
        let mut number = |name: &str| {
            let value = words.next().and_then(|word| word.parse::<u64>().ok());
            value.ok_or_else(|| format!("{name} needs a number"))
        };
        match word.as_str() {
            "--seed" => parsed.seed = number("--seed")?,
            "--cases" => parsed.cases = number("--cases")?,
            "--steps" => parsed.steps = number("--steps")? as usize,
            "--dataset-every" => parsed.options.dataset_every = number("--dataset-every")?.max(1) as usize,
            "--seconds" => parsed.seconds = number("--seconds")?,
            "--max-failures" => parsed.max_failures = number("--max-failures")? as usize,
            "--shrink" => parsed.shrink = number("--shrink")? as usize,
            "--error-words" => parsed.options.error_texts = false,
            "--events" => parsed.options.events = true,
            "--coverage" => parsed.coverage = true,
            "--accept" => parsed.options.accepted = accepted(&words.next().unwrap_or_default())?,
            "--families" => parsed.families = families(&words.next().unwrap_or_default())?,
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            _ => parsed.servers.push(word),
        }
    }
    if parsed.servers.len() == 2 { Ok(parsed) } else { Err("two servers have to be named".into()) }
}

fn families(names: &str) -> Result<Vec<Family>, String> {
    names
        .split(',')
        .map(|name| Family::named(name).ok_or_else(|| format!("no family is called {name}")))
        .collect()
}

fn accepted(path: &str) -> Result<Accepted, String> {
    let list = std::fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))?;
    Accepted::parse(&list)
}

/// Answers and, among them, errors of each command.
type Coverage = BTreeMap<String, (u64, u64)>;

/// The course of all cases.
struct Session {
    pair: Pair,
    arguments: Arguments,
    coverage: Coverage,
    /// How often each kind of failure was seen.
    failures: BTreeMap<String, u64>,
    /// How often each line of the list accepted a difference.
    accepted: BTreeMap<usize, u64>,
    commands: usize,
}

impl Session {
    /// Runs the cases; returns how many there were.
    fn run(&mut self, repertoire: &Repertoire) -> std::io::Result<u64> {
        let end = Instant::now().checked_add(Duration::from_secs(self.arguments.seconds));
        let seeds = self.arguments.seed..self.arguments.seed.saturating_add(self.arguments.cases);
        for (done, seed) in (0..).zip(seeds) {
            let late = end.is_some_and(|end| Instant::now() > end);
            if late || self.failures.len() >= self.arguments.max_failures {
                return Ok(done);
            }
            let steps = repertoire.sequence(seed, self.arguments.steps);
            let course = self.attempt(&steps, self.arguments.options.dataset_every)?;
            self.count(&course);
            if let Some(signature) = course.signature() {
                self.report(seed, &steps, course, signature)?;
            }
        }
        Ok(self.arguments.cases)
    }

    fn count(&mut self, course: &Course) {
        for line in &course.accepted {
            *self.accepted.entry(*line).or_default() += 1;
        }
        for event in &course.events {
            self.commands += 1;
            if let (Some(name), [Some(answer), _]) = (event.command.first(), &event.answers) {
                let counts = self.coverage.entry(String::from_utf8_lossy(name).to_uppercase()).or_default();
                counts.0 += 1;
                counts.1 += u64::from(matches!(answer, Value::Error(_)));
            }
        }
    }

    fn attempt(&mut self, steps: &[Step], dataset_every: usize) -> std::io::Result<Course> {
        self.pair.revive()?;
        let options = Options { dataset_every, ..self.arguments.options.clone() };
        case::run(&self.pair, steps, &options)
    }

    /// Shrinks and prints a failure of a new kind.
    fn report(
        &mut self,
        seed: u64,
        steps: &[Step],
        course: Course,
        signature: String,
    ) -> std::io::Result<()> {
        let seen = self.failures.entry(signature.clone()).or_default();
        *seen += 1;
        if *seen > 1 {
            return Ok(());
        }
        println!("=== case {seed}: {signature}");
        let (steps, attempts) = (&steps[..course.steps], self.arguments.shrink);
        let mut fails = |some: &[Step]| {
            // Datasets are compared at the end only: elsewhere the place would change with every step left out.
            self.attempt(some, usize::MAX).is_ok_and(|other| other.signature().as_ref() == Some(&signature))
        };
        let mut short = shrink::shortest(steps, attempts, &mut fails);
        if short.len() <= SHORT {
            short = shrink::without_arguments(&short, attempts, |step| &mut step.command, &mut fails);
        }
        // A failure that comes only now and then is shown as it came.
        let again =
            Some(self.attempt(&short, usize::MAX)?).filter(|other| other.signature() == Some(signature));
        let names = self.pair.servers.each_ref().map(|server| server.name.as_str());
        if again.is_none() {
            println!("(did not come again in the shortened sequence)");
        }
        println!("{}", transcript::of(&again.unwrap_or(course), names));
        Ok(())
    }

    fn summarize(&self, cases: u64) -> ExitCode {
        if self.arguments.coverage {
            for (command, (answers, errors)) in &self.coverage {
                println!("{command:<16}{answers:>8} answers{errors:>8} errors");
            }
        }
        for line in self.arguments.options.accepted.lines() {
            println!("line {line} accepted {}", self.accepted.get(&line).unwrap_or(&0));
        }
        for (signature, times) in &self.failures {
            println!("{times:>4} times  {signature}");
        }
        println!(
            "differential: {cases} cases, {} commands, {} kinds of failures",
            self.commands,
            self.failures.len()
        );
        if self.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--known") {
        known::FIELDS
            .iter()
            .chain(known::EXTRA_FIELDS)
            .for_each(|field| println!("{}: {}", field.name, field.why));
        return ExitCode::SUCCESS;
    }
    let arguments = match arguments(words.into_iter()) {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{USAGE}\n\n{why}");
            return ExitCode::from(2);
        }
    };
    match compare(arguments) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("differential: {why}");
            ExitCode::from(2)
        }
    }
}

/// The commands of `families` that both servers have.
fn repertoire(
    pair: &Pair,
    families: &[Family],
    flavors: [Flavor; 2],
) -> Result<Repertoire, Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    for family in families {
        names.extend(family.forms()?.iter().map(Form::name));
    }
    names.sort_unstable();
    names.dedup();
    let common = pair.commands(&names)?;
    for missing in names.iter().filter(|name| !common.contains(*name)) {
        println!("not compared, as one server lacks it: {missing}");
    }
    let knows =
        |form: &Form| common.contains(form.name()) && flavors.iter().all(|flavor| flavor.knows(form.only));
    Ok(Repertoire::new(families, knows)?)
}

fn compare(mut arguments: Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let pair = Pair::open(&arguments.servers[0], &arguments.servers[1])?;
    let flavors = pair.servers.each_ref().map(|server| server.flavor);
    arguments.options.accepted = arguments.options.accepted.between(flavors);
    let repertoire = repertoire(&pair, &arguments.families, flavors)?;
    let (coverage, failures, accepted) = (Coverage::new(), BTreeMap::new(), BTreeMap::new());
    let mut session = Session { pair, arguments, coverage, failures, accepted, commands: 0 };
    let cases = session.run(&repertoire)?;
    Ok(session.summarize(cases))
}
