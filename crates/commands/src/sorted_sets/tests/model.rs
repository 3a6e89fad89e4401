//! Random commands against a model: a map from members to scores for each key.

use crate::testing::{Testing, parse, short};
use proptest::prelude::*;
use resp::Proto;
use resp::reply::Value;
use std::collections::{BTreeMap, HashMap};
use structs::ranked::{Limits, Ranked};

type Scores = BTreeMap<Vec<u8>, f64>;
type Model = HashMap<u8, Scores>;
/// A score with its member: how elements are sorted.
type Element = (f64, Vec<u8>);

/// Keys are few, so that commands meet.
const KEYS: u8 = 3;

#[derive(Clone, Debug)]
enum Op {
    /// ZADD with options: NX or XX, GT or LT, CH.
    Add {
        key: u8,
        presence: usize,
        direction: usize,
        changes: bool,
        pairs: Vec<(i8, Vec<u8>)>,
    },
    Increment {
        key: u8,
        by: i8,
        member: Vec<u8>,
    },
    Remove {
        key: u8,
        members: Vec<Vec<u8>>,
    },
    Rank {
        key: u8,
        member: Vec<u8>,
        reverse: bool,
    },
    /// ZRANGE, ZRANGESTORE or ZREMRANGEBY... by rank.
    Ranks {
        key: u8,
        start: i64,
        stop: i64,
        reverse: bool,
    },
    Scores {
        key: u8,
        min: Bound,
        max: Bound,
        reverse: bool,
        limit: Option<(i64, i64)>,
    },
    Store {
        from: u8,
        to: u8,
        min: Bound,
        max: Bound,
        limit: Option<(i64, i64)>,
    },
    RemoveScores {
        key: u8,
        min: Bound,
        max: Bound,
    },
    RemoveRanks {
        key: u8,
        start: i64,
        stop: i64,
    },
    Count {
        key: u8,
        min: Bound,
        max: Bound,
    },
    Pop {
        key: u8,
        max: bool,
        count: usize,
    },
    /// ZUNION, ZINTER, ZDIFF: stored under a key.
    Combine {
        kind: usize,
        to: u8,
        from: Vec<(u8, i8)>,
        aggregate: usize,
    },
}

/// A score, and whether it is left out.
type Bound = (i8, bool);

fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "c", "aa", "", "1", "-7", "300", "70000"])
            .prop_map(|text| text.as_bytes().to_vec()),
        2 => any::<i16>().prop_map(|number| number.to_string().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let (key, index, flag) = (|| 0..KEYS, || -8..8i64, any::<bool>);
    let bound = || (-6i8..6, any::<bool>());
    let limit = || prop::option::of((-1..4i64, -1..5i64));
    let pairs = || prop::collection::vec((-6i8..6, member()), 1..9);
    prop_oneof![
        8 => (key(), prop::sample::select(vec![0usize, 0, 1, 2]), prop::sample::select(vec![0usize, 0, 1, 2]), flag(), pairs())
            .prop_filter("NX allows no direction", |(_, presence, direction, ..)| *presence != 1 || *direction == 0)
            .prop_map(|(key, presence, direction, changes, pairs)| Op::Add { key, presence, direction, changes, pairs }),
        2 => (key(), -3i8..4, member()).prop_map(|(key, by, member)| Op::Increment { key, by, member }),
        2 => (key(), prop::collection::vec(member(), 1..5)).prop_map(|(key, members)| Op::Remove { key, members }),
        2 => (key(), member(), flag()).prop_map(|(key, member, reverse)| Op::Rank { key, member, reverse }),
        2 => (key(), index(), index(), flag()).prop_map(|(key, start, stop, reverse)| Op::Ranks { key, start, stop, reverse }),
        3 => (key(), bound(), bound(), flag(), limit())
            .prop_map(|(key, min, max, reverse, limit)| Op::Scores { key, min, max, reverse, limit }),
        1 => (key(), key(), bound(), bound(), limit()).prop_map(|(from, to, min, max, limit)| Op::Store { from, to, min, max, limit }),
        1 => (key(), bound(), bound()).prop_map(|(key, min, max)| Op::RemoveScores { key, min, max }),
        1 => (key(), index(), index()).prop_map(|(key, start, stop)| Op::RemoveRanks { key, start, stop }),
        1 => (key(), bound(), bound()).prop_map(|(key, min, max)| Op::Count { key, min, max }),
        2 => (key(), flag(), 0..4usize).prop_map(|(key, max, count)| Op::Pop { key, max, count }),
        2 => (0..3usize, key(), prop::collection::vec((key(), -2i8..3), 1..4), 0..4usize)
            .prop_map(|(kind, to, from, aggregate)| Op::Combine { kind, to, from, aggregate }),
    ]
}

fn sorted(scores: Option<&Scores>) -> Vec<Element> {
    let mut elements: Vec<Element> =
        scores.into_iter().flatten().map(|(member, score)| (*score, member.clone())).collect();
    elements.sort_by(|left, right| left.partial_cmp(right).expect("numbers"));
    elements
}

fn words(text: &str) -> Vec<Vec<u8>> {
    text.split(' ').map(|word| word.as_bytes().to_vec()).collect()
}

fn bound((score, left_out): Bound) -> String {
    format!("{}{score}", if left_out { "(" } else { "" })
}

fn limit_words(limit: Option<(i64, i64)>) -> String {
    limit.map_or(String::new(), |(offset, count)| format!(" LIMIT {offset} {count}"))
}

impl Op {
    fn words(&self) -> Vec<Vec<u8>> {
        match self {
            Op::Add { key, presence, direction, changes, pairs } => {
                let options = [
                    ["", " NX", " XX"][*presence],
                    ["", " GT", " LT"][*direction],
                    if *changes { " CH" } else { "" },
                ];
                let mut all = words(&format!("ZADD {key}{}", options.concat()));
                pairs
                    .iter()
                    .for_each(|(score, member)| all.extend([score.to_string().into_bytes(), member.clone()]));
                all
            }
            Op::Increment { key, by, member } => {
                [words(&format!("ZINCRBY {key} {by}")), vec![member.clone()]].concat()
            }
            Op::Remove { key, members } => [words(&format!("ZREM {key}")), members.clone()].concat(),
            Op::Rank { key, member, reverse } => {
                let verb = if *reverse { "ZREVRANK" } else { "ZRANK" };
                [words(&format!("{verb} {key}")), vec![member.clone()], words("WITHSCORE")].concat()
            }
            Op::Ranks { key, start, stop, reverse } => words(&format!(
                "{} {key} {start} {stop} WITHSCORES",
                if *reverse { "ZREVRANGE" } else { "ZRANGE" }
            )),
            Op::Scores { key, min, max, reverse, limit } => {
                let (min, max, limit) = (bound(*min), bound(*max), limit_words(*limit));
                words(&match reverse {
                    true => format!("ZRANGE {key} {max} {min} REV BYSCORE WITHSCORES{limit}"),
                    false => format!("ZRANGEBYSCORE {key} {min} {max} WITHSCORES{limit}"),
                })
            }
            Op::Store { from, to, min, max, limit } => words(&format!(
                "ZRANGESTORE {to} {from} {} {} BYSCORE{}",
                bound(*min),
                bound(*max),
                limit_words(*limit)
            )),
            Op::RemoveScores { key, min, max } => {
                words(&format!("ZREMRANGEBYSCORE {key} {} {}", bound(*min), bound(*max)))
            }
            Op::RemoveRanks { key, start, stop } => words(&format!("ZREMRANGEBYRANK {key} {start} {stop}")),
            Op::Count { key, min, max } => words(&format!("ZCOUNT {key} {} {}", bound(*min), bound(*max))),
            Op::Pop { key, max, count } => {
                words(&format!("{} {key} {count}", if *max { "ZPOPMAX" } else { "ZPOPMIN" }))
            }
            Op::Combine { kind, to, from, aggregate } => {
                let verb = ["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"][*kind];
                let keys: Vec<String> = from.iter().map(|(key, _)| key.to_string()).collect();
                let weights: Vec<String> = from.iter().map(|(_, weight)| weight.to_string()).collect();
                let aggregate = ["SUM", "MIN", "MAX", "COUNT"][*aggregate];
                let options = format!(" WEIGHTS {} AGGREGATE {aggregate}", weights.join(" "));
                let options = if *kind == 2 { "" } else { &options };
                words(&format!("{verb} {to} {} {}{options}", keys.len(), keys.join(" ")))
            }
        }
    }

    fn apply(&self, model: &mut Model) -> Value {
        let reply = self.read(model).unwrap_or_else(|| self.change(model));
        model.retain(|_, scores| !scores.is_empty());
        reply
    }

    /// The reply, if nothing changes.
    fn read(&self, model: &Model) -> Option<Value> {
        let elements = |key: &u8, reverse: bool| {
            let mut elements = sorted(model.get(key));
            if reverse {
                elements.reverse();
            }
            elements
        };
        Some(match self {
            Op::Rank { key, member, reverse } => {
                let elements = elements(key, *reverse);
                let rank = elements.iter().position(|(_, other)| other == member);
                rank.map_or(Value::NullArray, |rank| {
                    Value::Array(vec![Value::Int(rank as i64), number(elements[rank].0)])
                })
            }
            Op::Ranks { key, start, stop, reverse } => flat(between(elements(key, *reverse), *start, *stop)),
            Op::Scores { key, min, max, reverse, limit } => {
                flat(limited(within(elements(key, *reverse), *min, *max), *limit))
            }
            Op::Count { key, min, max } => Value::Int(within(elements(key, false), *min, *max).len() as i64),
            _ => return None,
        })
    }

    fn change(&self, model: &mut Model) -> Value {
        match self {
            Op::Add { key, presence, direction, changes, pairs } => {
                let scores = model.entry(*key).or_default();
                let (added, updated) = add(scores, *presence, *direction, pairs);
                Value::Int(if *changes { added + updated } else { added })
            }
            Op::Increment { key, by, member } => {
                let score = model.entry(*key).or_default().entry(member.clone()).or_default();
                *score += f64::from(*by);
                number(*score)
            }
            Op::Remove { key, members } => {
                let removed = members.iter().filter(|member| {
                    model.get_mut(key).is_some_and(|scores| scores.remove(*member).is_some())
                });
                Value::Int(removed.count() as i64)
            }
            Op::Store { from, to, min, max, limit } => {
                let elements = limited(within(sorted(model.get(from)), *min, *max), *limit);
                store(model, *to, elements)
            }
            Op::RemoveScores { key, min, max } => {
                let elements = within(sorted(model.get(key)), *min, *max);
                remove(model, *key, &elements)
            }
            Op::RemoveRanks { key, start, stop } => {
                let elements = between(sorted(model.get(key)), *start, *stop);
                remove(model, *key, &elements)
            }
            Op::Pop { key, max, count } => {
                let mut elements = sorted(model.get(key));
                if *max {
                    elements.reverse();
                }
                elements.truncate(*count);
                remove(model, *key, &elements);
                flat(elements)
            }
            Op::Combine { kind, to, from, aggregate } => {
                let elements = combined(model, *kind, from, *aggregate);
                store(model, *to, elements)
            }
            Op::Rank { .. } | Op::Ranks { .. } | Op::Scores { .. } | Op::Count { .. } => {
                unreachable!("reads")
            }
        }
    }
}

/// ZADD: how many were added, and how many others have a new score.
fn add(scores: &mut Scores, presence: usize, direction: usize, pairs: &[(i8, Vec<u8>)]) -> (i64, i64) {
    let (mut added, mut updated) = (0, 0);
    for (score, member) in pairs {
        let score = f64::from(*score);
        match scores.get_mut(member) {
            None if presence == 2 => {}
            None => {
                scores.insert(member.clone(), score);
                added += 1;
            }
            Some(old) => {
                let allowed = presence != 1 && [true, score > *old, score < *old][direction];
                updated += i64::from(allowed && score != *old);
                *old = if allowed { score } else { *old };
            }
        }
    }
    (added, updated)
}

fn combined(model: &Model, kind: usize, from: &[(u8, i8)], aggregate: usize) -> Vec<Element> {
    let empty = Scores::new();
    let sets: Vec<(&Scores, f64)> =
        from.iter().map(|(key, weight)| (model.get(key).unwrap_or(&empty), f64::from(*weight))).collect();
    let mut result = Scores::new();
    for member in sets.iter().flat_map(|(set, _)| set.keys()) {
        let found: Vec<f64> = sets
            .iter()
            .filter_map(|(set, weight)| {
                set.get(member).map(|score| if aggregate == 3 { *weight } else { score * weight })
            })
            .collect();
        let score = match aggregate {
            1 => found.iter().copied().fold(f64::INFINITY, f64::min),
            2 => found.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            _ => found.iter().sum(),
        };
        match kind {
            0 => drop(result.insert(member.clone(), score)),
            1 if found.len() == sets.len() => drop(result.insert(member.clone(), score)),
            2 if sets[0].0.contains_key(member)
                && sets[1..].iter().all(|(set, _)| !set.contains_key(member)) =>
            {
                result.insert(member.clone(), sets[0].0[member]);
            }
            _ => {}
        }
    }
    sorted(Some(&result))
}

fn within(elements: Vec<Element>, min: Bound, max: Bound) -> Vec<Element> {
    let above = |score: f64| if min.1 { score > f64::from(min.0) } else { score >= f64::from(min.0) };
    let below = |score: f64| if max.1 { score < f64::from(max.0) } else { score <= f64::from(max.0) };
    elements.into_iter().filter(|(score, _)| above(*score) && below(*score)).collect()
}

fn between(elements: Vec<Element>, start: i64, stop: i64) -> Vec<Element> {
    let len = elements.len() as i64;
    let from_front = |index: i64| if index < 0 { index + len } else { index };
    let kept = |index: i64| from_front(start) <= index && index <= from_front(stop);
    elements.into_iter().enumerate().filter(|(at, _)| kept(*at as i64)).map(|(_, element)| element).collect()
}

fn limited(elements: Vec<Element>, limit: Option<(i64, i64)>) -> Vec<Element> {
    let Some((offset, count)) = limit else { return elements };
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    elements.into_iter().skip(offset).take(count).collect()
}

fn store(model: &mut Model, to: u8, elements: Vec<Element>) -> Value {
    let len = elements.len();
    model.insert(to, elements.into_iter().map(|(score, member)| (member, score)).collect());
    Value::Int(len as i64)
}

fn remove(model: &mut Model, key: u8, elements: &[Element]) -> Value {
    if let Some(scores) = model.get_mut(&key) {
        scores.retain(|other, _| elements.iter().all(|(_, member)| member != other));
    }
    Value::Int(elements.len() as i64)
}

fn number(score: f64) -> Value {
    Value::Bulk(base::num::F64Buffer::new().format(score).to_vec())
}

fn flat(elements: Vec<Element>) -> Value {
    Value::Array(
        elements.into_iter().flat_map(|(score, member)| [Value::Bulk(member), number(score)]).collect(),
    )
}

/// Every key holds exactly what the model says, in a form that its size allows, and the books are right.
fn check(testing: &Testing, model: &Model) {
    let shards = &testing.shards;
    let (mut keys, mut counted, mut accounted) = (0, 0, 0);
    for id in shards.ids() {
        let shard = shards.lock(id);
        keys += shard.db(0).len();
        accounted += shard.db(0).value_bytes();
    }
    for (name, expected) in model {
        let name = name.to_string();
        let shard = shards.lock(shards.shard_of(name.as_bytes()));
        let db = shard.db(0);
        let item = db.item(db.find(&shards.key(name.as_bytes())).expect("the key exists"));
        let set = item.object::<Ranked>().expect("a sorted set");
        let elements: Vec<Element> =
            set.iter().map(|element| (element.score, element.member.to_vec())).collect();
        assert_eq!(elements, sorted(Some(expected)));
        let limits = &testing.limits.sorted_set;
        let may_be_packed = elements.len() <= limits.packed_members
            && elements.iter().all(|(_, member)| member.len() <= limits.packed_member_bytes);
        assert!(may_be_packed || item.encoding_name() == "skiplist");
        counted += item.memory_bytes();
    }
    assert_eq!(keys, model.len(), "no key holds an empty set");
    assert_eq!(accounted, counted, "every change of memory was accounted");
}

/// A reply in one line. The sign of a zero depends on how the set is held.
fn told(reply: &Value) -> String {
    short(reply).replace("\"-0\"", "\"0\"")
}

fn limits() -> impl Strategy<Value = Limits> {
    (0..12usize, 0..12usize).prop_map(|(packed_members, packed_member_bytes)| Limits {
        packed_members,
        packed_member_bytes,
        seed: 3,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn sorted_sets_behave_like_the_model(ops in prop::collection::vec(op(), 1..80), limits in limits()) {
        let (mut testing, mut model) = (Testing::new(), Model::new());
        testing.limits.sorted_set = limits;
        for op in ops {
            let words = op.words();
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let reply = testing.run_words(Proto::Resp2, "", &words);
            let expected = op.apply(&mut model);
            prop_assert_eq!(told(&parse(&reply)), told(&expected), "{:?}", op);
            check(&testing, &model);
        }
    }
}
