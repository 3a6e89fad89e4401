//! Everything a server stores, read with ordinary commands, to be compared key by key.

use crate::compare;
use crate::link::Link;
use resp::reply::Value;
use std::io::{Error, Result};

/// Databases that commands are drawn for.
const DATABASES: [u8; 4] = [0, 1, 2, 15];

/// One fact about what is stored.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The database.
    pub db: u8,
    /// The command that tells it.
    pub command: Vec<Vec<u8>>,
    /// What the server says.
    pub answer: Value,
    /// What kind of fact this is, the same for all keys of a type: `OBJECT ENCODING of a list`.
    pub about: String,
}

impl Fact {
    fn is_same(&self, other: &Self) -> bool {
        if self.db != other.db || self.command != other.command {
            return false;
        }
        match self.command.first().map(Vec::as_slice) {
            Some(b"PTTL") => compare::same_lifetime(&self.answer, &other.answer),
            Some(b"HPEXPIRETIME") => compare::same_lifetimes(&self.answer, &other.answer),
            Some(b"XINFO") => compare::described(&self.answer) == compare::described(&other.answer),
            _ => self.answer == other.answer,
        }
    }
}

/// Reads everything that is stored.
///
/// # Errors
/// Those of the connection.
pub fn read(link: &mut Link) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    for db in DATABASES {
        link.call(&["SELECT", &db.to_string()])?;
        let mut tell = |about: &str, command: &[&[u8]], answer: Value| {
            let command = command.iter().map(|word| word.to_vec()).collect();
            facts.push(Fact { db, command, answer, about: about.into() });
        };
        let keys = sorted(link.call(&["KEYS", "*"])?);
        tell("KEYS", &[b"KEYS", b"*"], keys.clone());
        tell("a whole SCAN", &[b"SCAN"], scan(link)?);
        let Value::Array(keys) = keys else { return Err(Error::other(format!("KEYS answers {keys:?}"))) };
        for key in keys {
            if let Value::Bulk(key) = key {
                read_key(link, db, &key, &mut facts)?;
            }
        }
    }
    link.call(&["SELECT", "0"])?;
    Ok(facts)
}

fn read_key(link: &mut Link, db: u8, key: &[u8], facts: &mut Vec<Fact>) -> Result<()> {
    let kind = match link.call(&[b"TYPE".as_slice(), key])? {
        Value::Simple(name) => String::from_utf8_lossy(&name).into_owned(),
        other => format!("{other:?}"),
    };
    let mut commands: Vec<Vec<&[u8]>> =
        vec![vec![b"TYPE", key], vec![b"OBJECT", b"ENCODING", key], vec![b"PTTL", key]];
    commands.extend(contents(&kind, key));
    for command in commands {
        let answer = link.call(&command)?;
        let verb =
            command.iter().filter(|word| **word != key).take(2).map(|word| String::from_utf8_lossy(word));
        let about = format!("{} of a {kind}", verb.collect::<Vec<_>>().join(" "));
        let answer = match kind.as_str() {
            "set" => sorted(answer),
            "hash" => sorted_pairs(answer),
            _ => answer,
        };
        facts.push(Fact { db, command: command.into_iter().map(<[u8]>::to_vec).collect(), answer, about });
    }
    if kind == "hash" { read_expiries(link, db, key, facts) } else { Ok(()) }
}

/// When the fields of a hash expire, in the order of the fields.
fn read_expiries(link: &mut Link, db: u8, key: &[u8], facts: &mut Vec<Fact>) -> Result<()> {
    let Value::Array(fields) = sorted(link.call(&[b"HKEYS".as_slice(), key])?) else { return Ok(()) };
    let count = fields.len().to_string();
    let mut command = vec![b"HPEXPIRETIME".to_vec(), key.to_vec(), b"FIELDS".to_vec(), count.into_bytes()];
    command.extend(
        fields
            .into_iter()
            .filter_map(|field| if let Value::Bulk(field) = field { Some(field) } else { None }),
    );
    let answer = link.call(&command)?;
    facts.push(Fact { db, command, answer, about: "HPEXPIRETIME of a hash".into() });
    Ok(())
}

/// The commands that read a whole value of a type.
fn contents<'a>(kind: &str, key: &'a [u8]) -> Vec<Vec<&'a [u8]>> {
    match kind {
        "string" => vec![vec![b"GET", key], vec![b"STRLEN", key]],
        "list" => vec![vec![b"LRANGE", key, b"0", b"-1"], vec![b"LLEN", key]],
        "set" => vec![vec![b"SMEMBERS", key]],
        "hash" => vec![vec![b"HGETALL", key]],
        "zset" => vec![vec![b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"]],
        "stream" => {
            vec![vec![b"XRANGE", key, b"-", b"+"], vec![b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"]]
        }
        _ => Vec::new(),
    }
}

/// The keys that a complete scan in small steps gives, sorted.
fn scan(link: &mut Link) -> Result<Value> {
    let (mut cursor, mut found) = (b"0".to_vec(), Vec::new());
    loop {
        match link.call(&[b"SCAN".as_slice(), &cursor, b"COUNT", b"3"])? {
            Value::Array(reply) => match <[Value; 2]>::try_from(reply) {
                Ok([Value::Bulk(next), Value::Array(keys)]) => {
                    found.extend(keys);
                    cursor = next;
                }
                other => return Err(Error::other(format!("SCAN answers {other:?}"))),
            },
            other => return Err(Error::other(format!("SCAN answers {other:?}"))),
        }
        if cursor == b"0" {
            let Value::Array(mut keys) = sorted(Value::Array(found)) else { return Ok(Value::NullArray) };
            keys.dedup();
            return Ok(Value::Array(keys));
        }
    }
}

fn sorted_pairs(value: Value) -> Value {
    let Value::Array(items) = value else { return value };
    let mut pairs: Vec<&[Value]> = items.chunks(2).collect();
    pairs.sort_by_cached_key(|pair| format!("{pair:?}"));
    Value::Array(pairs.concat())
}

fn sorted(value: Value) -> Value {
    let Value::Array(mut items) = value else { return value };
    items.sort_by_cached_key(|item| format!("{item:?}"));
    Value::Array(items)
}

/// The first fact in which two datasets differ, as each tells it, but for those that are `accepted`.
pub fn first_difference(
    left: &[Fact],
    right: &[Fact],
    mut accepted: impl FnMut(&Fact, &Fact) -> bool,
) -> Option<(Fact, Fact)> {
    let mut pairs = left.iter().zip(right);
    let (left, right) = pairs.find(|(left, right)| !left.is_same(right) && !accepted(left, right))?;
    Some((left.clone(), right.clone()))
}
