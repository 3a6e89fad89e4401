//! From a command's words to its keys and shards, by its declaration alone.

use crate::registry::Registered;
use command::{Begin, Find, Footprint, KeyFlag, KeySpec};
use resp::Args;
use smallvec::SmallVec;

/// Positions of keys among a command's words, in the order of the specifications.
pub type Positions = SmallVec<[usize; 8]>;

/// The positions of all keys, or nothing when the words contradict the specifications (a number of keys that isn't one;
/// the handler will say so).
pub fn key_positions(command: &Registered, args: Args<'_>) -> Positions {
    let mut positions = Positions::new();
    for spec in command.spec.keys.iter().filter(|spec| !spec.flags.contains(&KeyFlag::NotKey)) {
        positions_of(spec, args, &mut positions);
    }
    positions.extend(key_beyond(command, args).filter(|at| !positions.contains(at)));
    positions
}

/// The position of the key that no specification finds, if the request has one.
pub fn key_beyond(command: &Registered, args: Args<'_>) -> Option<usize> {
    command.spec.reach.and_then(|reach| reach(args).key)
}

/// Which shards a request needs.
pub fn footprint_of(command: &Registered, args: Args<'_>) -> Footprint {
    let unknown = command.spec.reach.is_some_and(|reach| reach(args).unknown);
    if unknown { Footprint::All } else { command.spec.footprint }
}

/// The positions of the keys of one specification, appended to `out`.
pub fn positions_of(spec: &KeySpec, args: Args<'_>, out: &mut Positions) {
    let Some(first) = begin(spec, args) else { return };
    match spec.find {
        Find::Unknown => {}
        Find::Range { last, step, limit } => range(first, last, step, limit, args.len(), out),
        Find::KeyNum { at, first: offset, step } => {
            let Some(count) = args.get(first + at).and_then(count_of_keys) else { return };
            let start = first + offset;
            let room = args.len().saturating_sub(start).div_ceil(step);
            if count <= room {
                out.extend((0..count).map(|n| start + n * step));
            }
        }
    }
}

/// The number that a word is or begins with: what makes no sense to its command may still name keys, for COMMAND
/// GETKEYS as for Redis.
fn count_of_keys(word: &[u8]) -> Option<usize> {
    let number = base::num::parse_i64(word).or_else(|| {
        let word = word.trim_ascii_start();
        let word = word.strip_prefix(b"+").unwrap_or(word);
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&word[..digits]).ok()?.parse().ok()
    });
    usize::try_from(number?).ok()
}

fn begin(spec: &KeySpec, args: Args<'_>) -> Option<usize> {
    match spec.begin {
        Begin::Index(index) => (index < args.len()).then_some(index),
        Begin::Keyword { word, start } => {
            let is = |at: &usize| args.at(*at).eq_ignore_ascii_case(word.as_bytes());
            let found = if start >= 0 {
                (start as usize..args.len()).find(is)
            } else {
                (1..=args.len().saturating_sub(start.unsigned_abs().into())).rev().find(is)
            };
            found.map(|at| at + 1).filter(|at| *at < args.len())
        }
        Begin::Unknown => None,
    }
}

fn range(first: usize, last: i16, step: usize, limit: usize, len: usize, out: &mut Positions) {
    let end = if last >= 0 {
        first + last as usize
    } else if limit > 1 {
        let behind = ((len - first) / limit).checked_sub(usize::from(last.unsigned_abs()));
        let Some(behind) = behind else { return };
        first + behind
    } else {
        len.saturating_sub(last.unsigned_abs().into())
    };
    out.extend((first..=end.min(len - 1)).step_by(step.max(1)));
}
