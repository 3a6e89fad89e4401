//! `redstart --verify DIRECTORY`: what the data files there hold, and whether a server would start with them.

use crate::crash;
use crate::disk::Access;
use crate::log::Log;
use crate::process::Allocator;
use crate::server::{Options, new_seed, parts};
use crate::shared::Shared;
use crate::wake::Bell;
use config::Config;
use engine::{Choice, Engine, Level, LoadError, Verified};
use std::fmt::Write;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// What the program's status says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Finding {
    /// A server would start, but for what it doesn't know.
    Sound = 0,
    /// A server wouldn't.
    Damaged = 1,
    /// There are no files.
    Missing = 2,
}

/// The status of a call that can't be understood.
pub(crate) const MISUSED: u8 = 2;

/// Loads the files of the directory that the configuration names, prints what they hold, and answers the program's status.
pub(crate) fn run(config: Config, choice: Choice, allocator: Allocator) -> ExitCode {
    let directory = config.dir.to_string();
    let finding = match verify(config, choice, allocator) {
        Ok(verified) => {
            print!("{}", report(&verified));
            println!("Result: ok");
            Finding::Sound
        }
        Err(LoadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            println!("Result: there are no data files in {directory}");
            Finding::Missing
        }
        Err(error) => {
            println!("Result: damaged, or not to be read: {error}");
            Finding::Damaged
        }
    };
    ExitCode::from(finding as u8)
}

fn verify(mut config: Config, choice: Choice, allocator: Allocator) -> Result<Verified, LoadError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    config.io_threads.resolve(cores as u32);
    let log = Arc::new(Log::new(None, Some(Level::Notice)));
    let options =
        Options { access: Access::ReadOnly, log: Some(log.clone()), allocator, ..Options::default() };
    crash::install_hook(log.clone(), options.crash.clone());
    let bells = (0..config.io_threads.count().max(1)).map(|_| Bell::new());
    let bells = bells.collect::<io::Result<Vec<_>>>().map_err(LoadError::Io)?;
    let (supervisor, crash) = (options.supervisor, options.crash.clone());
    let shared = Arc::new(Shared::new(config.clone(), log, bells.clone(), supervisor, crash));
    let seed = new_seed().map_err(LoadError::Io)?;
    // Nothing is freed before the end.
    let (parts, _values) = parts(config, options, &shared, &bells, seed).map_err(LoadError::Io)?;
    Arc::new(Engine::new(parts)).verify_data(choice)
}

/// What is printed of files that can be loaded.
fn report(verified: &Verified) -> String {
    let mut text = format!("Files: {}\n", verified.files.join(" "));
    for count in &verified.keys {
        let (db, kind) = (count.db, count.kind.name());
        // Writing to a string can't fail.
        let _ = writeln!(text, "db{db} {kind}: keys={},expires={}", count.keys, count.expiring);
    }
    let keys: u64 = verified.keys.iter().map(|count| count.keys).sum();
    let _ = writeln!(text, "Keys: {keys}");
    let left_out = [("keys whose time is over", verified.expired), ("keys without elements", verified.empty)];
    for (what, count) in left_out.into_iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "Left out: {count} {what}");
    }
    for (what, count) in &verified.passed_over {
        let _ = writeln!(text, "Not known, passed over: {count} {what}");
    }
    let _ = writeln!(text, "Digest: {}", verified.digest);
    text
}
