//! What a reply has to wait for under `appendfsync always`: the changes that it tells of, and no changes of other keys.
//!
//! The gate is closed in every run and nothing is ever safe, so each session says up to which offset of the journal its
//! replies depend on it. That is looked at for keys that only SET and DEL have changed: a value that was read, or set,
//! stands in the journal, and the reply must not leave before a record that could have made it. And a connection that has
//! only read keys depends on records about its keys' shards alone.

use super::journal::commands_with_ends;
use crate::history::Operation;
use crate::plan::structured::CACHED;
use crate::run::Ended;
use engine::Engine;
use resp::reply::Value;
use std::collections::{HashMap, HashSet};

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if !ended.engine.aof.gate.is_closed() {
        return Ok(());
    }
    let units = Units::of(&ended.journal);
    ended.operations.iter().try_for_each(|operation| units.tells_of_what_is_safe(operation))?;
    let first_other = first_others(&ended.operations);
    let reads = |operation: &&Operation| {
        first_other.get(&operation.connection).is_none_or(|stamp| operation.replied < *stamp)
    };
    let mut readers = HashMap::<u64, Vec<&Operation>>::new();
    for operation in ended.operations.iter().filter(reads) {
        readers.entry(operation.connection).or_default().push(operation);
    }
    let check = |operations: &Vec<&Operation>| {
        operations.iter().try_for_each(|operation| {
            // Replies that come at once depend on the same.
            let told = operations.iter().filter(|other| other.replied <= operation.replied);
            let keys: Vec<&[u8]> = told.map(|other| &other.words[1][..]).collect();
            units.waits_for_its_keys_alone(&ended.engine, &keys, operation)
        })
    };
    readers.values().try_for_each(check)
}

/// When each connection was first answered anything but a GET.
fn first_others(operations: &[Operation]) -> HashMap<u64, u64> {
    let mut first = HashMap::new();
    for operation in
        operations.iter().filter(|operation| operation.name() != "GET" || operation.words.len() != 2)
    {
        let stamp: &mut u64 = first.entry(operation.connection).or_insert(operation.replied);
        *stamp = operation.replied.min(*stamp);
    }
    first
}

/// The Units of a journal.
struct Units {
    /// Each with the offset behind it and its commands.
    units: Vec<(u64, Vec<Vec<Vec<u8>>>)>,
    /// The offsets behind the Units that set a key to a value.
    sets: HashMap<(Vec<u8>, Vec<u8>), u64>,
    /// Words of commands other than SET and DEL: a key among them may hold what nobody has set.
    other_words: HashSet<Vec<u8>>,
}

impl Units {
    fn of(journal: &[u8]) -> Units {
        let mut units = Units { units: Vec::new(), sets: HashMap::new(), other_words: HashSet::new() };
        let mut open: Option<Vec<Vec<Vec<u8>>>> = None;
        for (words, end) in commands_with_ends(journal) {
            match &words[0].to_ascii_uppercase()[..] {
                b"SELECT" => {}
                b"MULTI" => open = Some(Vec::new()),
                b"EXEC" => units.add(end, open.take().unwrap_or_default()),
                _ => match &mut open {
                    Some(commands) => commands.push(words),
                    None => units.add(end, vec![words]),
                },
            }
        }
        units
    }

    fn add(&mut self, end: u64, commands: Vec<Vec<Vec<u8>>>) {
        for words in &commands {
            match &words[0].to_ascii_uppercase()[..] {
                b"SET" => drop(self.sets.entry((words[1].clone(), words[2].clone())).or_insert(end)),
                b"DEL" | b"UNLINK" | b"PEXPIREAT" | b"PERSIST" => {}
                _ => self.other_words.extend(words[1..].iter().cloned()),
            }
        }
        self.units.push((end, commands));
    }

    /// A reply depends on the first record that could have made what it tells of.
    fn tells_of_what_is_safe(&self, operation: &Operation) -> Result<(), String> {
        let (key, value) = match (&operation.name()[..], &operation.words[..], &operation.reply) {
            ("GET", [_, key], Value::Bulk(value)) => (key, value),
            ("SET", [_, key, value, ..], Value::Simple(_)) => (key, value),
            _ => return Ok(()),
        };
        let Some(end) = self.sets.get(&(key.clone(), value.clone())) else { return Ok(()) };
        if self.other_words.contains(key) || operation.depends_on >= *end {
            return Ok(());
        }
        let (depends_on, line) = (operation.depends_on, operation.describe());
        Err(format!("a reply that may leave at {depends_on} tells of a change that ends at {end}: {line}"))
    }

    /// A reader depends on a Unit about one of its keys' shards, or about all keys.
    fn waits_for_its_keys_alone(
        &self,
        engine: &Engine,
        keys: &[&[u8]],
        operation: &Operation,
    ) -> Result<(), String> {
        // Replies to clients that cache wait with the messages in front of them, which tell of any of their keys.
        let caches = |key: &&[u8]| CACHED.iter().any(|cached| cached.as_bytes() == *key);
        if operation.depends_on == 0 || keys.iter().any(caches) {
            return Ok(());
        }
        let shards: HashSet<_> = keys.iter().map(|key| engine.shards.shard_of(key)).collect();
        let touches = |words: &Vec<Vec<u8>>| {
            let keyless = matches!(&words[0].to_ascii_uppercase()[..], b"FLUSHALL" | b"FLUSHDB" | b"SWAPDB");
            keyless || words[1..].iter().any(|word| shards.contains(&engine.shards.shard_of(word)))
        };
        let unit = self.units.iter().find(|(end, _)| *end == operation.depends_on);
        if unit.is_some_and(|(_, commands)| commands.iter().any(touches)) {
            return Ok(());
        }
        let (depends_on, line) = (operation.depends_on, operation.describe());
        Err(format!("a reader waits for {depends_on}, where none of its keys has changed: {line}"))
    }
}
