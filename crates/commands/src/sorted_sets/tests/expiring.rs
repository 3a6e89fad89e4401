//! Sorted sets whose members expire by hundreds at once against a model, and what replaying their journal gives.

use crate::testing::{Testing, parse, short};
use command::Expired;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Members are numbered; more of them expire at once than opening a key removes.
const MEMBERS: u16 = 400;

#[derive(Clone, Debug)]
enum Step {
    /// Adds so many members from one on, with scores that repeat.
    Add(u16, u16, i64),
    Increment(u16, i64),
    /// Lets so many members from one on, each so many apart, expire in so many milliseconds.
    Expire(u16, u16, u16, i64),
    Persist(u16),
    Remove(u16),
    Pass(i64),
    Pop(bool, usize),
    RemoveRanks(i64, i64),
    RemoveScores(i64, i64),
    Store(i64, i64),
    Unite,
    /// Asks for all that there is to ask, of a member and of two ranks or scores; perhaps while nothing may change.
    Ask(u16, i64, i64, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (member, index, score) = (|| 0..MEMBERS, || -80..80i64, || -3..12i64);
    prop_oneof![
        3 => (member(), 1..200u16, 1..12i64).prop_map(|(from, count, scores)| Step::Add(from, count, scores)),
        2 => (member(), -4..4i64).prop_map(|(member, by)| Step::Increment(member, by)),
        4 => (member(), 1..300u16, 1..4u16, 1..40i64).prop_map(|(from, n, apart, ms)| Step::Expire(from, n, apart, ms)),
        1 => member().prop_map(Step::Persist),
        1 => member().prop_map(Step::Remove),
        3 => (1..30i64).prop_map(Step::Pass),
        2 => (any::<bool>(), 0..20usize).prop_map(|(max, count)| Step::Pop(max, count)),
        1 => (index(), index()).prop_map(|(start, stop)| Step::RemoveRanks(start, stop)),
        1 => (score(), score()).prop_map(|(min, max)| Step::RemoveScores(min, max)),
        1 => (index(), index()).prop_map(|(start, stop)| Step::Store(start, stop)),
        1 => Just(Step::Unite),
        6 => (member(), index(), index(), any::<bool>()).prop_map(|(m, one, other, hidden)| Step::Ask(m, one, other, hidden)),
    ]
}

fn name(member: u16) -> String {
    format!("m{member:03}")
}

/// A server, one that replays its journal, and what is known of the key `z`.
struct Pair {
    server: Testing,
    replayer: Testing,
    /// Scores and moments.
    members: BTreeMap<u16, (i64, Option<i64>)>,
}

impl Pair {
    fn new(packed_members: usize) -> Pair {
        let mut pair = Pair { server: Testing::new(), replayer: Testing::new(), members: BTreeMap::new() };
        for testing in [&mut pair.server, &mut pair.replayer] {
            testing.limits.sorted_set.packed_members = packed_members;
        }
        pair.replayer.expired = Expired::Seen;
        pair
    }

    fn now_ms(&self) -> i64 {
        self.server.now.ms()
    }

    /// Runs a command and replays what it has left in the journal.
    fn run(&mut self, line: &str) -> String {
        let reply = short(&parse(&self.server.run(line)));
        for words in self.server.take_records() {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let reply = self.replayer.run_words(resp::Proto::Resp2, "", &words);
            assert!(
                !reply.starts_with(b"-"),
                "{}: {}",
                words.join(&b' ').escape_ascii(),
                reply.escape_ascii()
            );
        }
        reply
    }

    fn expect(&mut self, line: &str, reply: &str) {
        assert_eq!(self.run(line), reply, "{line}");
    }

    /// Forgets what is due.
    fn lapse(&mut self) {
        let now_ms = self.now_ms();
        self.members.retain(|_, (_, at_ms)| at_ms.is_none_or(|at_ms| at_ms >= now_ms));
    }

    /// Members in order.
    fn sorted(&self) -> Vec<(i64, String)> {
        let mut sorted: Vec<_> =
            self.members.iter().map(|(member, (score, _))| (*score, name(*member))).collect();
        sorted.sort();
        sorted
    }

    fn forget(&mut self, gone: &[(i64, String)]) {
        self.members.retain(|member, _| gone.iter().all(|(_, other)| *other != name(*member)));
    }

    fn take(&mut self, step: &Step) {
        self.lapse();
        match *step {
            Step::Add(from, count, scores) => self.add(from, count, scores),
            Step::Increment(member, by) => {
                let score = self.members.entry(member).or_insert((0, None));
                score.0 += by;
                let score = score.0;
                self.expect(&format!("ZINCRBY z {by} {}", name(member)), &format!("{:?}", score.to_string()));
            }
            Step::Expire(from, count, apart, ms) => self.expire(from, count, apart, ms),
            Step::Persist(member) => {
                let reply = match self.members.get_mut(&member) {
                    None => "[-2]",
                    Some((_, at_ms)) => at_ms.take().map_or("[-1]", |_| "[1]"),
                };
                self.expect(&format!("ZPERSIST z MEMBERS 1 {}", name(member)), reply);
            }
            Step::Remove(member) => {
                let removed = self.members.remove(&member).map_or("0", |_| "1");
                self.expect(&format!("ZREM z {}", name(member)), removed);
            }
            Step::Pass(ms) => {
                self.server.advance_ms(ms);
                self.replayer.advance_ms(ms);
            }
            Step::Pop(max, count) => self.pop(max, count),
            Step::RemoveRanks(start, stop) => {
                let gone = slice(&self.sorted(), start, stop);
                self.forget(&gone);
                self.expect(&format!("ZREMRANGEBYRANK z {start} {stop}"), &gone.len().to_string());
            }
            Step::RemoveScores(min, max) => {
                let gone = between(&self.sorted(), min, max);
                self.forget(&gone);
                self.expect(&format!("ZREMRANGEBYSCORE z {min} {max}"), &gone.len().to_string());
            }
            Step::Store(start, stop) => {
                let stored = slice(&self.sorted(), start, stop);
                self.expect(&format!("ZRANGESTORE y z {start} {stop}"), &stored.len().to_string());
                self.same_stored(&stored);
            }
            Step::Unite => {
                let stored = self.sorted();
                self.expect("ZUNIONSTORE y 2 z none", &stored.len().to_string());
                self.same_stored(&stored);
            }
            Step::Ask(member, one, other, hidden) => {
                self.server.expired = if hidden { Expired::Hidden } else { Expired::Removed };
                self.ask(member, one, other);
                self.server.expired = Expired::Removed;
            }
        }
    }

    fn add(&mut self, from: u16, count: u16, scores: i64) {
        let (mut line, mut added) = (String::from("ZADD z"), 0);
        for member in (from..from + count).map(|member| member % MEMBERS) {
            let score = i64::from(member) * 7 % scores;
            added += usize::from(!self.members.contains_key(&member));
            self.members.entry(member).or_insert((0, None)).0 = score;
            line += &format!(" {score} {}", name(member));
        }
        self.expect(&line, &added.to_string());
    }

    fn expire(&mut self, from: u16, count: u16, apart: u16, ms: i64) {
        let at_ms = self.now_ms() + ms;
        let members: Vec<u16> = (0..count).map(|at| (from + at * apart) % MEMBERS).collect();
        let mut answers = Vec::new();
        for member in &members {
            let there = self.members.get_mut(member).map(|(_, expiry)| *expiry = Some(at_ms));
            answers.push(if there.is_some() { "1" } else { "-2" });
        }
        let names: Vec<String> = members.iter().map(|member| name(*member)).collect();
        let line = format!("ZPEXPIREAT z {at_ms} MEMBERS {} {}", names.len(), names.join(" "));
        self.expect(&line, &format!("[{}]", answers.join(", ")));
    }

    fn pop(&mut self, max: bool, count: usize) {
        let mut gone = self.sorted();
        if max {
            gone.reverse();
        }
        gone.truncate(count);
        self.forget(&gone);
        let line = if max { format!("ZPOPMAX z {count}") } else { format!("ZPOPMIN z {count}") };
        self.expect(&line, &with_scores(&gone));
    }

    fn ask(&mut self, member: u16, one: i64, other: i64) {
        let sorted = self.sorted();
        let text = name(member);
        let rank = sorted.iter().position(|(_, member)| *member == text);
        let number = |rank: Option<usize>| rank.map_or("null".to_owned(), |rank| rank.to_string());
        self.expect("ZCARD z", &sorted.len().to_string());
        self.expect(&format!("ZRANK z {text}"), &number(rank));
        self.expect(&format!("ZREVRANK z {text}"), &number(rank.map(|rank| sorted.len() - 1 - rank)));
        let part = slice(&sorted, one, other);
        self.expect(&format!("ZRANGE z {one} {other} WITHSCORES"), &with_scores(&part));
        let reversed: Vec<_> = sorted.iter().rev().cloned().collect();
        let part = slice(&reversed, one, other);
        self.expect(&format!("ZREVRANGE z {one} {other} WITHSCORES"), &with_scores(&part));
        let (min, max) = (one % 10, other % 10);
        let part = between(&sorted, min, max);
        self.expect(&format!("ZCOUNT z {min} {max}"), &part.len().to_string());
        self.expect(&format!("ZRANGEBYSCORE z {min} {max} WITHSCORES"), &with_scores(&part));
        let part: Vec<_> = part.into_iter().rev().skip(1).take(5).collect();
        self.expect(&format!("ZREVRANGEBYSCORE z {max} {min} WITHSCORES LIMIT 1 5"), &with_scores(&part));
        self.expect("ZUNION 1 z WITHSCORES", &with_scores(&sorted));
        let known = self.members.get(&member).copied();
        let moment = known.map_or(-2, |(_, at_ms)| at_ms.unwrap_or(-1));
        self.expect(&format!("ZPEXPIRETIME z MEMBERS 1 {text}"), &format!("[{moment}]"));
        let score = known.map_or("null".to_owned(), |(score, _)| format!("{:?}", score.to_string()));
        self.expect(&format!("ZSCORE z {text}"), &score);
        self.expect(&format!("ZMSCORE z {text}"), &format!("[{score}]"));
        self.same_walk("ZSCAN z 0 COUNT 100000 NOSCORES");
        self.same_walk(&format!("ZRANDMEMBER z {MEMBERS}"));
    }

    /// The command answers all members in any order.
    fn same_walk(&mut self, line: &str) {
        let reply = self.run(line);
        let mut names: Vec<&str> = reply.split('"').filter(|word| word.starts_with('m')).collect();
        names.sort_unstable();
        let expected: Vec<String> = self.members.keys().map(|member| name(*member)).collect();
        assert_eq!(names, expected, "{line}");
    }

    /// The key `y` has these members, here and where the journal is replayed, and none of them expires.
    fn same_stored(&mut self, stored: &[(i64, String)]) {
        for testing in [&mut self.server, &mut self.replayer] {
            assert_eq!(short(&parse(&testing.run("ZRANGE y 0 -1 WITHSCORES"))), with_scores(stored));
        }
        let first = stored.first().map(|(_, member)| format!("ZTTL y MEMBERS 1 {member}"));
        first.into_iter().for_each(|line| self.expect(&line, "[-1]"));
    }

    /// Whoever replays the journal has the same members in the end, though time means nothing to it.
    fn finish(mut self) {
        self.lapse();
        for _ in 0..=MEMBERS / 64 {
            self.run("ZCARD z");
        }
        let expected = with_scores(&self.sorted());
        for testing in [&mut self.server, &mut self.replayer] {
            assert_eq!(short(&parse(&testing.run("ZRANGE z 0 -1 WITHSCORES"))), expected);
        }
        for (member, (_, at_ms)) in std::mem::take(&mut self.members) {
            let line = format!("ZPEXPIRETIME z MEMBERS 1 {}", name(member));
            let reply = short(&parse(&self.replayer.run(&line)));
            assert_eq!(reply, format!("[{}]", at_ms.unwrap_or(-1)));
        }
    }
}

/// The elements between two ranks, which may count from the end.
fn slice(sorted: &[(i64, String)], start: i64, stop: i64) -> Vec<(i64, String)> {
    let len = sorted.len() as i64;
    let index = |rank: i64| if rank < 0 { rank + len } else { rank };
    let (start, stop) = (index(start).max(0), index(stop).min(len - 1));
    if start > stop { Vec::new() } else { sorted[start as usize..=stop as usize].to_vec() }
}

fn between(sorted: &[(i64, String)], min: i64, max: i64) -> Vec<(i64, String)> {
    sorted.iter().filter(|(score, _)| (min..=max).contains(score)).cloned().collect()
}

fn with_scores(elements: &[(i64, String)]) -> String {
    let words: Vec<String> =
        elements.iter().map(|(score, member)| format!("{member:?}, {:?}", score.to_string())).collect();
    format!("[{}]", words.join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn members_expire_as_in_the_model(
        packed in any::<bool>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut pair = Pair::new(if packed { 1000 } else { 8 });
        for step in &steps {
            pair.take(step);
        }
        pair.finish();
    }
}
