//! Random stream commands: the lag against a count of entries, and what the journal says against what has happened.

use crate::testing::{Testing, parse};
use proptest::prelude::*;
use resp::reply::Value;
use structs::stream::BlockLimits;

const GROUPS: [&str; 2] = ["g", "h"];
const CONSUMERS: [&str; 2] = ["alice", "bob"];

/// A command with the ids it is about; few, so that commands meet.
#[derive(Clone, Debug)]
enum Op {
    Add(Option<&'static str>),
    Del(u64),
    DelEx(&'static str, u64, u64),
    Trim(&'static str, bool, u64),
    SetId(u64),
    SetGroup(usize, u64),
    Read(usize, usize, u64, &'static str),
    Ack(usize, u64, u64),
    AckDel(usize, &'static str, u64),
    Nack(usize, &'static str, u64),
    Claim(usize, usize, u64, &'static str),
    AutoClaim(usize, usize, u64),
    DelConsumer(usize, usize),
    Later(i64),
}

fn policy() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("KEEPREF"), Just("DELREF"), Just("ACKED")]
}

fn op() -> impl Strategy<Value = Op> {
    let (id, who) = (|| 0u64..40, || 0usize..2);
    let trims = prop_oneof![Just("MAXLEN ~ 4"), Just("MAXLEN = 6 ACKED"), Just("MINID ~ 10 DELREF")];
    let reads = prop_oneof![Just(""), Just("NOACK "), Just("CLAIM 10 "), Just("CLAIM 0 NOACK ")];
    let claims = prop_oneof![
        Just(""),
        Just(" FORCE"),
        Just(" JUSTID"),
        Just(" IDLE 5 LASTID 0-9"),
        Just(" RETRYCOUNT 7")
    ];
    prop_oneof![
        8 => prop::option::of(trims).prop_map(Op::Add),
        3 => id().prop_map(Op::Del),
        2 => (policy(), id(), id()).prop_map(|(policy, one, other)| Op::DelEx(policy, one, other)),
        1 => (policy(), any::<bool>(), 0u64..10).prop_map(|(policy, exact, n)| Op::Trim(policy, exact, n)),
        1 => (30u64..50).prop_map(Op::SetId),
        1 => (who(), id()).prop_map(|(group, id)| Op::SetGroup(group, id)),
        5 => (who(), who(), 1u64..6, reads).prop_map(|(group, who, n, how)| Op::Read(group, who, n, how)),
        3 => (who(), id(), id()).prop_map(|(group, one, other)| Op::Ack(group, one, other)),
        2 => (who(), policy(), id()).prop_map(|(group, policy, id)| Op::AckDel(group, policy, id)),
        2 => (who(), prop_oneof![Just("FAIL"), Just("SILENT"), Just("FATAL")], id())
            .prop_map(|(group, mode, id)| Op::Nack(group, mode, id)),
        2 => (who(), who(), id(), claims).prop_map(|(group, who, id, how)| Op::Claim(group, who, id, how)),
        1 => (who(), who(), id()).prop_map(|(group, who, id)| Op::AutoClaim(group, who, id)),
        1 => (who(), who()).prop_map(|(group, who)| Op::DelConsumer(group, who)),
        1 => (0i64..20).prop_map(Op::Later),
    ]
}

fn command(op: &Op) -> String {
    match op {
        Op::Add(None) => "XADD s 0-* f v".into(),
        Op::Add(Some(trim)) => format!("XADD s {trim} 0-* f v"),
        Op::Del(id) => format!("XDEL s 0-{id}"),
        Op::DelEx(policy, one, other) => format!("XDELEX s {policy} IDS 2 0-{one} 0-{other}"),
        Op::Trim(policy, exact, n) => {
            format!("XTRIM s MAXLEN {} {n} {policy}", if *exact { "=" } else { "~" })
        }
        Op::SetId(id) => format!("XSETID s 0-{id}"),
        Op::SetGroup(group, id) => format!("XGROUP SETID s {} 0-{id}", GROUPS[*group]),
        Op::Read(group, who, n, how) => {
            let (group, who) = (GROUPS[*group], CONSUMERS[*who]);
            format!("XREADGROUP GROUP {group} {who} COUNT {n} {how}STREAMS s >")
        }
        Op::Ack(group, one, other) => format!("XACK s {} 0-{one} 0-{other}", GROUPS[*group]),
        Op::AckDel(group, policy, id) => format!("XACKDEL s {} {policy} IDS 1 0-{id}", GROUPS[*group]),
        Op::Nack(group, mode, id) => format!("XNACK s {} {mode} IDS 1 0-{id} FORCE", GROUPS[*group]),
        Op::Claim(group, who, id, how) => {
            format!("XCLAIM s {} {} 5 0-{id}{how}", GROUPS[*group], CONSUMERS[*who])
        }
        Op::AutoClaim(group, who, id) => {
            format!("XAUTOCLAIM s {} {} 5 0-{id} COUNT 3", GROUPS[*group], CONSUMERS[*who])
        }
        Op::DelConsumer(group, who) => format!("XGROUP DELCONSUMER s {} {}", GROUPS[*group], CONSUMERS[*who]),
        Op::Later(_) => "XLEN s".into(),
    }
}

/// A server with a stream of small blocks that two groups read.
fn server(entries_per_block: u64) -> Testing {
    let mut testing = Testing::new();
    testing.limits.stream = BlockLimits { bytes: 4096, entries: entries_per_block };
    for group in GROUPS {
        testing.run(&format!("XGROUP CREATE s {group} 0 MKSTREAM"));
    }
    testing.take_effects();
    testing
}

fn items(value: &Value) -> &[Value] {
    let Value::Array(items) = value else { panic!("an array: {value:?}") };
    items
}

fn ids(testing: &mut Testing, command: &str) -> Vec<(u64, u64)> {
    let entries = parse(&testing.run(command));
    items(&entries).iter().map(|entry| id(&items(entry)[0])).collect()
}

fn id(value: &Value) -> (u64, u64) {
    let Value::Bulk(text) = value else { panic!("an id: {value:?}") };
    let text = std::str::from_utf8(text).expect("digits");
    let (ms, seq) = text.split_once('-').expect("an id");
    (ms.parse().expect("a number"), seq.parse().expect("a number"))
}

/// Every group's lag is the number of entries behind its last id.
fn check_lag(testing: &mut Testing) {
    let entries = ids(testing, "XRANGE s - +");
    let groups = parse(&testing.run("XINFO GROUPS s"));
    for group in items(&groups) {
        let fields = items(group);
        let last = id(&fields[7]);
        let left = entries.iter().filter(|id| **id > last).count();
        assert!(matches!(fields[11], Value::Int(lag) if lag == left as i64), "{left} entries: {group:?}");
    }
}

/// What of a stream's state must be the same wherever its journal is read.
fn state(testing: &mut Testing) -> Vec<String> {
    let mut commands = vec!["XRANGE s - +".to_owned()];
    for group in GROUPS {
        commands.push(format!("XPENDING s {group} - + 100"));
        commands.push(format!("XREADGROUP GROUP {group} alice CLAIM 0 NOACK COUNT 1 STREAMS s >"));
    }
    commands.iter().map(|command| testing.print(command)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_lag_is_exact_and_the_journal_true(ops in prop::collection::vec(op(), 1..60)) {
        let (mut primary, mut replica) = (server(3), server(5));
        for op in &ops {
            if let Op::Later(ms) = op {
                primary.advance_ms(*ms);
                replica.advance_ms(*ms);
            }
            primary.run(&command(op));
            for record in primary.records() {
                let reply = parse(&replica.run(&record));
                prop_assert!(!matches!(reply, Value::Error(_)), "{}: {:?}", record, reply);
            }
            primary.take_effects();
            check_lag(&mut primary);
            check_lag(&mut replica);
        }
        let found = state(&mut primary);
        prop_assert_eq!(found, state(&mut replica));
    }
}
