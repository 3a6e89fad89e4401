//! Requests whose replies obey a law that a checker knows: registers, pairs, accounts, counters, queues.
//!
//! Each law has keys of its own in database 0. A law joins as soon as the commands it needs are registered.

use super::{Draw, Request, Step, Word, request};

/// Keys of single strings: their histories must be linearizable.
pub(crate) const REGISTERS: [&str; 3] = ["r1", "r2", "r3"];
/// Pairs of keys that are always written together.
pub(crate) const PAIRS: [[&str; 2]; 2] = [["pa1", "pb1"], ["pa2", "pb2"]];
/// Keys among which amounts are moved: their sum is always 0.
pub(crate) const ACCOUNTS: [&str; 4] = ["acct1", "acct2", "acct3", "acct4"];
/// Keys that are read, increased and written back under WATCH.
pub(crate) const COUNTERS: [&str; 2] = ["ctr1", "ctr2"];
/// Lists from which everything pushed is taken once, at either end.
pub(crate) const QUEUES: [&str; 3] = ["q1", "q2", "q3"];
/// Lists pushed at the back and popped at the front: those who wait are served in their order.
pub(crate) const LINES: [&str; 2] = ["f1", "f2"];

/// Streams whose only group delivers each entry once.
pub(crate) const STREAMS: [&str; 2] = ["st1", "st2"];

/// Keys of strings that some clients cache.
pub(crate) const CACHED: [&str; 3] = ["ca1", "ca2", "ca3"];
/// Keys of streams of which some clients cache the last entry.
pub(crate) const CACHED_STREAMS: [&str; 2] = ["cas1", "cas2"];

struct Law {
    needs: &'static [&'static str],
    make: fn(&mut Draw<'_>) -> Step,
}

const LAWS: &[Law] = &[
    Law { needs: &["get", "set"], make: registers },
    Law { needs: &["get", "set"], make: registers },
    Law { needs: &["get", "set", "multi", "exec"], make: pairs },
    Law { needs: &["set", "append", "del"], make: cached },
    Law { needs: &["incrby", "get", "multi", "exec"], make: accounts },
    Law { needs: &["get", "set", "watch", "multi", "exec"], make: counters },
    Law { needs: &["lpush", "blpop"], make: queues },
    Law { needs: &["lpush", "blpop"], make: queues },
    Law { needs: &["rpush", "blpop"], make: lines },
    Law { needs: &["rpush", "blpop"], make: lines },
    Law { needs: &["xadd", "xgroup", "xreadgroup"], make: streams },
    Law { needs: &["xadd", "xgroup", "xreadgroup"], make: streams },
];

/// A step that obeys one of the laws.
pub(super) fn step(draw: &mut Draw<'_>) -> Step {
    loop {
        let law = draw.pick(LAWS);
        if law.needs.iter().all(|name| draw.knows(name)) {
            return (law.make)(draw);
        }
    }
}

/// A request from a pattern: `$R` a register, `$Q` a queue, `$F` a line, `$S` a stream, `$C` a cached string,
/// `$X` a cached stream, `$v` a unique value, `$n` a small number, `$t` a timeout, `$m` the same in milliseconds, `$e` an end, `$c` a count.
pub(super) fn fill(draw: &mut Draw<'_>, pattern: &str) -> Request {
    let word = |word: &str| {
        Word::Text(match word {
            "$R" => draw.pick(&REGISTERS).as_bytes().to_vec(),
            "$Q" => draw.pick(&QUEUES).as_bytes().to_vec(),
            "$F" => draw.pick(&LINES).as_bytes().to_vec(),
            "$C" => draw.pick(&CACHED).as_bytes().to_vec(),
            "$X" => draw.pick(&CACHED_STREAMS).as_bytes().to_vec(),
            "$S" => draw.pick(&STREAMS).as_bytes().to_vec(),
            "$m" => draw.pick(&["5", "20", "100", "0"]).as_bytes().to_vec(),
            "$v" => draw.unique("v"),
            "$n" => draw.below(10).to_string().into_bytes(),
            "$c" => (1 + draw.below(3)).to_string().into_bytes(),
            "$t" => draw.pick(&["0.005", "0.02", "0.1", "1", "0"]).as_bytes().to_vec(),
            "$e" => draw.pick(&["LEFT", "RIGHT"]).as_bytes().to_vec(),
            text => text.as_bytes().to_vec(),
        })
    };
    pattern.split(' ').map(word).collect()
}

/// One of the patterns whose command is registered.
fn any_of(draw: &mut Draw<'_>, patterns: &[&str]) -> Request {
    loop {
        let pattern = draw.pick(patterns);
        let name = pattern.split(' ').next().unwrap_or_default();
        if draw.knows(name) {
            return fill(draw, pattern);
        }
    }
}

/// One request, several in a pipeline, or several in a transaction.
pub(super) fn bundle(draw: &mut Draw<'_>, patterns: &[&str]) -> Step {
    let mut requests: Vec<Request> = Vec::new();
    let (count, transaction) = match draw.below(8) {
        0 => (1 + draw.below(4), true),
        1 | 2 => (1 + draw.below(6), false),
        _ => (1, false),
    };
    requests.extend((0..count).map(|_| any_of(draw, patterns)));
    if transaction {
        in_transaction(&mut requests);
    }
    Step::Send { requests, ahead: draw.one_in(4) }
}

fn in_transaction(requests: &mut Vec<Request>) {
    requests.insert(0, request(&[b"MULTI"]));
    requests.push(request(&[b"EXEC"]));
}

pub(super) fn registers(draw: &mut Draw<'_>) -> Step {
    bundle(
        draw,
        &[
            "GET $R",
            "GET $R",
            "SET $R $v",
            "SET $R $n",
            "INCR $R",
            "APPEND $R $n",
            "DEL $R",
            "GETSET $R $v",
            "GETDEL $R",
            "STRLEN $R",
            "SETNX $R $v",
            "DECRBY $R $n",
            "EXISTS $R",
        ],
    )
}

/// Changes keys that others may have cached.
pub(super) fn cached(draw: &mut Draw<'_>) -> Step {
    bundle(
        draw,
        &["SET $C $v", "SET $C $v", "APPEND $C $n", "DEL $C", "XADD $X * f $v", "XADD $X * f $v", "DEL $X"],
    )
}

/// Writes both keys of a pair at once, or reads them at once.
fn pairs(draw: &mut Draw<'_>) -> Step {
    let [a, b] = draw.pick(&PAIRS).map(str::as_bytes);
    let value = draw.unique("v");
    let plain = draw.knows("mset") && draw.knows("mget") && draw.one_in(2);
    let requests = match (draw.one_in(2), plain) {
        (true, true) => vec![request(&[b"MSET", a, &value, b, &value])],
        (false, true) => vec![request(&[b"MGET", a, b])],
        (write, false) => {
            let mut requests = if write {
                vec![request(&[b"SET", a, &value]), request(&[b"SET", b, &value])]
            } else {
                vec![request(&[b"GET", a]), request(&[b"GET", b])]
            };
            in_transaction(&mut requests);
            requests
        }
    };
    Step::Send { requests, ahead: draw.one_in(4) }
}

/// Moves an amount from one account to another, or reads all of them at once.
fn accounts(draw: &mut Draw<'_>) -> Step {
    let mut requests = if draw.one_in(3) {
        ACCOUNTS.iter().map(|key| request(&[b"GET", key.as_bytes()])).collect()
    } else {
        let (from, to) = (draw.pick(&ACCOUNTS).as_bytes(), draw.pick(&ACCOUNTS).as_bytes());
        let amount = 1 + draw.below(50);
        let less = format!("-{amount}").into_bytes();
        let more = amount.to_string().into_bytes();
        vec![request(&[b"INCRBY", from, &less]), request(&[b"INCRBY", to, &more])]
    };
    in_transaction(&mut requests);
    Step::Send { requests, ahead: draw.one_in(4) }
}

fn counters(draw: &mut Draw<'_>) -> Step {
    Step::Add { key: draw.pick(&COUNTERS).as_bytes().to_vec(), by: 1 + draw.rng.below(9) as i64 }
}

fn queues(draw: &mut Draw<'_>) -> Step {
    bundle(
        draw,
        &[
            "LPUSH $Q $v",
            "RPUSH $Q $v",
            "RPUSH $Q $v $v",
            "LPUSH $Q $v $v $v",
            "LPUSHX $Q $v",
            "LPOP $Q",
            "RPOP $Q $c",
            "BLPOP $Q $t",
            "BRPOP $Q $Q $t",
            "BLPOP $Q $Q $Q $t",
            "LMOVE $Q $Q $e $e",
            "RPOPLPUSH $Q $Q",
            "BLMOVE $Q $Q $e $e $t",
            "BLMOVE $Q $Q $e $e $t",
            "BRPOPLPUSH $Q $Q $t",
            "LMPOP 2 $Q $Q $e COUNT $c",
            "BLMPOP $t 2 $Q $Q $e COUNT $c",
            "LRANGE $Q 0 -1",
            "LLEN $Q",
        ],
    )
}

/// The group is made by whoever comes first, the consumers are numbers.
fn streams(draw: &mut Draw<'_>) -> Step {
    bundle(
        draw,
        &[
            "XADD $S * f $v",
            "XADD $S * f $v",
            "XADD $S * f $v",
            "XGROUP CREATE $S g 0 MKSTREAM",
            "XGROUP CREATE $S g 0 MKSTREAM",
            "XGROUP CREATE $S g 0 MKSTREAM",
            "XREADGROUP GROUP g $n COUNT $c STREAMS $S >",
            "XREADGROUP GROUP g $n COUNT $c BLOCK $m STREAMS $S >",
            "XREADGROUP GROUP g $n COUNT $c BLOCK $m STREAMS $S >",
            "XREADGROUP GROUP g $n BLOCK $m STREAMS $S $S > >",
            "XREADGROUP GROUP g $n COUNT $c NOACK BLOCK $m STREAMS $S >",
        ],
    )
}

fn lines(draw: &mut Draw<'_>) -> Step {
    bundle(
        draw,
        &[
            "RPUSH $F $v",
            "RPUSH $F $v",
            "RPUSH $F $v $v",
            "BLPOP $F $t",
            "BLPOP $F $t",
            "BLPOP $F $F $t",
            "LPOP $F",
        ],
    )
}
