//! The whole state, as the commands that read it see it: what two engines are compared by.

use command::{Args, Caller, Cx, Effects, Now, Reply, Scope, WaiterRef};
use engine::{Engine, Run};
use keyspace::{DbIndex, Held, Item, Kind};
use resp::reply::{Value, parse_reply};
use resp::{OwnedArgs, Proto};
use std::collections::BTreeMap;
use std::fmt;
use structs::ranked::Ranked;

/// What tells the values of a kind: commands on its key. `sorted` says that the replies' order is an accident.
struct Reading {
    kind: Kind,
    commands: &'static [&'static [&'static str]],
    sorted: Order,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Given,
    OfItems,
    OfPairs,
}

/// `KEY` stands for the key.
const READINGS: &[Reading] = &[
    Reading { kind: Kind::String, commands: &[&["GET", "KEY"]], sorted: Order::Given },
    Reading { kind: Kind::List, commands: &[&["LRANGE", "KEY", "0", "-1"]], sorted: Order::Given },
    Reading { kind: Kind::Set, commands: &[&["SMEMBERS", "KEY"]], sorted: Order::OfItems },
    Reading {
        kind: Kind::SortedSet,
        commands: &[&["ZRANGE", "KEY", "0", "-1", "WITHSCORES"]],
        sorted: Order::Given,
    },
    Reading { kind: Kind::Hash, commands: &[&["HGETALL", "KEY"]], sorted: Order::OfPairs },
    Reading {
        kind: Kind::Stream,
        commands: &[&["XINFO", "STREAM", "KEY", "FULL", "COUNT", "0"], &["XINFO", "GROUPS", "KEY"]],
        sorted: Order::Given,
    },
    Reading {
        kind: Kind::Array,
        commands: &[&["ARGREP", "KEY", "-", "+", "MATCH", "", "WITHVALUES"], &["ARNEXT", "KEY"]],
        sorted: Order::Given,
    },
];

/// One key.
#[derive(Clone, PartialEq, Debug)]
struct Entry {
    kind: Kind,
    expiry_ms: Option<i64>,
    /// Elements that expire, in the order of their names.
    element_expiries: Vec<(Vec<u8>, i64)>,
    values: Vec<Value>,
}

/// All keys of all databases, those included whose time is over but that nobody has removed yet.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Dump(BTreeMap<(DbIndex, Vec<u8>), Entry>);

impl Dump {
    /// What an engine holds. All its shards must be locked by `held`.
    pub fn of(engine: &Engine, held: &mut Held<'_, WaiterRef>) -> Dump {
        let mut dump = Dump::default();
        for locked in &held.shards {
            for (index, db) in locked.shard.dbs() {
                db.for_each(|item| {
                    let entry = Entry {
                        kind: item.kind(),
                        expiry_ms: item.expiry_ms(),
                        element_expiries: element_expiries(&item),
                        values: Vec::new(),
                    };
                    dump.0.insert((index, item.key().to_vec()), entry);
                });
            }
        }
        for ((db, key), entry) in &mut dump.0 {
            entry.values = values_of(engine, held, *db, key, entry.kind);
        }
        dump
    }

    /// The elements of a list.
    pub fn list(&self, db: DbIndex, key: &[u8]) -> Vec<&[u8]> {
        let entry = self.0.get(&(db, key.to_vec()));
        let values = entry.map_or(&[][..], |entry| &entry.values);
        let Some(Value::Array(items)) = values.first() else { return Vec::new() };
        items.iter().filter_map(bytes_of).collect()
    }

    /// A string.
    pub fn string(&self, db: DbIndex, key: &[u8]) -> Option<&[u8]> {
        self.0.get(&(db, key.to_vec()))?.values.first().and_then(bytes_of)
    }

    /// The first difference from `other`, in words.
    pub fn difference(&self, other: &Dump) -> Option<String> {
        let keys = self.0.keys().chain(other.0.keys());
        let key = keys.filter(|key| self.0.get(*key) != other.0.get(*key)).min()?;
        let show = |dump: &Dump| dump.0.get(key).map_or("absent".into(), ToString::to_string);
        Some(format!(
            "{} of database {}: {} here, {} there",
            key.1.escape_ascii(),
            key.0,
            show(self),
            show(other)
        ))
    }
}

fn element_expiries(item: &Item<'_>) -> Vec<(Vec<u8>, i64)> {
    let hash = item.fields();
    let set = item.members();
    let elements = hash.or(set).into_iter().flatten();
    let mut expiries: Vec<_> = elements.filter_map(|one| Some((one.name.to_vec(), one.expiry_ms?))).collect();
    if let Some(set) = item.object::<Ranked>() {
        expiries.extend(set.expiries().map(|(member, at_ms)| (member.to_vec(), at_ms)));
    }
    expiries.sort_unstable();
    expiries
}

/// The bytes of a bulk reply.
pub(crate) fn bytes_of(value: &Value) -> Option<&[u8]> {
    if let Value::Bulk(bytes) = value { Some(bytes) } else { None }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(crate::history::show).collect();
        write!(f, "{} {} (expires {:?})", self.kind.name(), values.join(" "), self.expiry_ms)?;
        for (name, at_ms) in &self.element_expiries {
            write!(f, " ({} expires {at_ms})", name.escape_ascii())?;
        }
        Ok(())
    }
}

fn values_of(
    engine: &Engine,
    held: &mut Held<'_, WaiterRef>,
    db: DbIndex,
    key: &[u8],
    kind: Kind,
) -> Vec<Value> {
    let Some(reading) = READINGS.iter().find(|reading| reading.kind == kind) else { return Vec::new() };
    let words = |command: &'static [&'static str]| -> Vec<&[u8]> {
        command.iter().map(|word| if *word == "KEY" { key } else { word.as_bytes() }).collect()
    };
    let values = reading.commands.iter().filter_map(|command| ask(engine, held, db, &words(command)));
    values.map(|value| ordered(without_clocks(value), reading.sorted)).collect()
}

/// The reply of a command that reads, run under the locks; nothing if there is no such command.
fn ask(engine: &Engine, held: &mut Held<'_, WaiterRef>, db: DbIndex, words: &[&[u8]]) -> Option<Value> {
    let mut command = engine.registry.find(words[0])?;
    if !command.subcommands.is_empty() {
        command = engine.registry.find_sub(command, words[1])?;
    }
    let Run::Data(handler) = command.run else { return None };
    let mut out = Vec::new();
    let args = OwnedArgs::from_slices(words);
    let mut args = Args::new(args.as_args(), command.words);
    let answered = with_cx(engine, held, db, |cx| {
        handler(cx, &mut args, Reply::new(&mut out, Proto::Resp2)).map_err(|error| error.text().to_vec())
    });
    match answered {
        Ok(_) => parse_reply(&out).ok().flatten().map(|(value, _)| value),
        Err(text) => Some(Value::Error(text)),
    }
}

/// Lets `act` look at locked shards as a handler does. Its moment is one before any key's time is over.
pub(crate) fn with_cx<R>(
    engine: &Engine,
    held: &mut Held<'_, WaiterRef>,
    db: DbIndex,
    act: impl FnOnce(&mut Cx<'_>) -> R,
) -> R {
    let scope = Scope::Many(held.shards.iter_mut().map(|locked| (locked.id, &mut *locked.shard)).collect());
    act(&mut Cx {
        scope,
        shards: &engine.shards,
        db,
        effects: &mut Effects::default(),
        now: Now { us: 0 },
        rng: &mut base::prng::Prng::new(0),
        caller: Caller { no_touch: true, ..Caller::default() },
        limits: &engine.settings().limits,
    })
}

/// When a consumer was last seen isn't recorded: it says nothing about the data.
fn without_clocks(value: Value) -> Value {
    const CLOCKS: [&[u8]; 2] = [b"seen-time", b"active-time"];
    let Value::Array(items) = value else { return value };
    let mut last_is_clock = false;
    let items = items.into_iter().map(|item| {
        let clock =
            std::mem::replace(&mut last_is_clock, bytes_of(&item).is_some_and(|name| CLOCKS.contains(&name)));
        if clock { Value::NullBulk } else { without_clocks(item) }
    });
    Value::Array(items.collect())
}

fn ordered(value: Value, order: Order) -> Value {
    let Value::Array(items) = value else { return value };
    let width = match order {
        Order::Given => return Value::Array(items),
        Order::OfItems => 1,
        Order::OfPairs => 2,
    };
    let mut groups: Vec<&[Value]> = items.chunks(width).collect();
    groups.sort_by_key(|group| format!("{group:?}"));
    Value::Array(groups.concat())
}
