//! Values made by commands, and made again by the commands that are made of them.

use super::*;
use crate::testing::Testing;
use keyspace::Frozen;
use resp::Proto;
use structs::stream::{Stream, StreamId};

/// All that a key holds, as text; what has no order, in an order.
fn holds(testing: &Testing, name: &[u8]) -> String {
    let key = testing.shards.key(name);
    let mut shard = testing.shards.lock(testing.shards.shard_of(name));
    let db = shard.db_mut(0);
    let place = db.find(&key).expect("made");
    let item = db.item(place);
    let mut elements: Vec<String> = Vec::new();
    match (item.string(), item.any_object()) {
        (_, Some(object)) => object.elements(&mut |words| {
            elements.push(words.iter().map(|word| word.escape_ascii().to_string() + " ").collect());
        }),
        (Some(text), None) => elements.push(text.to_vec().escape_ascii().to_string()),
        (None, None) => {}
    }
    let timed = item.fields().or(item.members());
    if let Some(set) = item.object::<Ranked>() {
        for (member, at_ms) in set.expiries() {
            member.with_text(|member| elements.push(format!("{} {at_ms}", member.escape_ascii())));
        }
    }
    for element in timed.into_iter().flatten() {
        element
            .name
            .with_text(|name| elements.push(format!("{} {:?}", name.escape_ascii(), element.expiry_ms)));
    }
    if !item.kind().is_ordered() {
        elements.sort();
    }
    elements.extend(item.boxed::<Stream>().map(beside_entries));
    elements.extend(item.boxed::<SparseArray>().map(|array| format!("{:?}", array.cursor())));
    format!("{} {elements:?} {:?}", item.encoding_name(), item.expiry_ms())
}

/// What a stream has besides its entries.
fn beside_entries(stream: &Stream) -> String {
    let mut text = format!("{:?} {:?} {}", stream.last_id(), stream.max_deleted_id(), stream.entries_added());
    for (name, group) in stream.groups() {
        let owner =
            |id: Option<_>| id.and_then(|id| group.consumer(id)).map(|consumer| consumer.name().to_vec());
        let pending = group.pending_range(StreamId::MIN, StreamId::MAX);
        let pending: Vec<_> = pending
            .map(|(id, pending)| {
                // Whose turn comes first is told by the order below.
                let delivered_ms = pending.consumer.map(|_| pending.delivered_ms);
                (id, owner(pending.consumer), pending.deliveries, delivered_ms)
            })
            .collect();
        let released = group.pending_oldest_first().take_while(|(_, pending)| pending.consumer.is_none());
        let released: Vec<_> = released.map(|(id, _)| id).collect();
        let consumers: Vec<_> =
            group.consumers().map(|(_, one)| (one.name().to_vec(), one.pending())).collect();
        text += &format!(
            "{name:?} {:?} {} {pending:?} {released:?} {consumers:?}",
            group.last_id, group.entries_read
        );
    }
    for (producer, name, id) in stream.producers().into_iter().flat_map(|producers| producers.iter()) {
        text += &format!("{producer:?} {name:?} {id:?}");
    }
    text + &format!("{:?}", stream.producers().map(|producers| producers.limits()))
}

/// The words of the commands in a text.
fn commands(mut text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let number = |text: &mut &[u8]| -> usize {
        let end = text.windows(2).position(|pair| pair == b"\r\n").expect("a line");
        let number = std::str::from_utf8(&text[1..end]).expect("digits").parse().expect("a number");
        *text = &text[end + 2..];
        number
    };
    let mut commands = Vec::new();
    while !text.is_empty() {
        let count = number(&mut text);
        let mut words = Vec::new();
        for _ in 0..count {
            let len = number(&mut text);
            words.push(text[..len].to_vec());
            assert_eq!(&text[len..len + 2], b"\r\n");
            text = &text[len + 2..];
        }
        commands.push(words);
    }
    commands
}

/// Makes the key `k` by these commands, and again by those that are made of it, of the value itself and of a frozen one.
/// Answers how many the latter are.
fn check(made_by: &[&str]) -> usize {
    let mut first = Testing::new();
    for line in made_by {
        let reply = first.run(line);
        assert!(!reply.starts_with(b"-"), "{line}: {}", reply.escape_ascii());
    }
    let expected = holds(&first, b"k");
    let mut texts = [Vec::new(), Vec::new()];
    {
        let key = first.shards.key(b"k");
        let mut shard = first.shards.lock(first.shards.shard_of(b"k"));
        let db = shard.db_mut(0);
        let place = db.find(&key).expect("made");
        let [whole, pieces] = &mut texts;
        item(&db.item(place), &mut Output { out: whole, look: &mut |_| () });
        let (expiry_ms, value): (_, Frozen) = (db.item(place).expiry_ms(), db.item(place).freeze());
        let mut part = Vec::new();
        let mut look = |out: &mut Vec<u8>| pieces.append(out);
        frozen(b"k", expiry_ms, value, &mut Output { out: &mut part, look: &mut look });
        pieces.append(&mut part);
    }
    assert!(texts[0] == texts[1]);
    let commands = commands(&texts[0]);
    let mut second = Testing::new();
    for words in &commands {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let reply = second.run_words(Proto::Resp2, "", &words);
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert!(!reply.starts_with(b"-"), "{}: {}", shown(&words.join(&b' ')), shown(&reply));
    }
    assert_eq!(holds(&second, b"k"), expected);
    commands.len()
}

/// A command with so many numbered elements of this form.
fn many(command: &str, count: usize, form: impl Fn(usize) -> String) -> String {
    (0..count).fold(command.to_owned(), |line, at| line + " " + &form(at))
}

#[test]
fn strings() {
    assert_eq!(check(&["SET k \"a\\r\\nb\""]), 1);
    assert_eq!(check(&["SET k 12345 PXAT 1800000000000"]), 2);
    assert_eq!(check(&["SETRANGE k 3000000 end"]), 1);
    check(&["SET k \"\""]);
}

#[test]
fn lists() {
    assert_eq!(check(&["RPUSH k a 1 \"\" a", "PEXPIREAT k 1800000000000"]), 2);
    assert_eq!(check(&[&many("RPUSH k", 1000, |at| format!("element:{at}"))]), 1000_usize.div_ceil(64));
    assert_eq!(check(&[&many("RPUSH k", 3, |_| "long".repeat(20_000))]), 3);
}

#[test]
fn sets_and_their_expiries() {
    check(&["SADD k 1 2 3"]);
    check(&["SADD k a b 3", "SPEXPIREAT k 1800000000000 MEMBERS 1 b"]);
    check(&["ZADD k 1 a 2 b 3 c", "ZPEXPIREAT k 1800000000000 MEMBERS 2 b c"]);
    assert_eq!(check(&[&many("SADD k", 129, |at| format!("member:{at}"))]), 3);
}

#[test]
fn sorted_sets() {
    check(&["ZADD k 1.5 a inf b -inf c 0.1 d 1e-300 e"]);
    check(&[&many("ZADD k", 500, |at| format!("{}.25 member:{at}", at % 7))]);
}

#[test]
fn hashes_and_their_expiries() {
    check(&["HSET k f v \"\" 1 g \"\""]);
    check(&["HSET k f v g 2 h 3", "HPEXPIREAT k 1800000000000 FIELDS 2 g h"]);
    check(&[&many("HSET k", 700, |at| format!("field:{at} {at}"))]);
}

#[test]
fn streams() {
    check(&["XADD k 1-1 f v", "XADD k 1-2 g w", "XADD k 2-0 f v h x"]);
    check(&["XADD k 1-1 f v", "XDEL k 1-1"]);
    check(&["XGROUP CREATE k g $ MKSTREAM"]);
    check(&[
        "XADD k 5-1 f v",
        "XADD k 7-1 f v",
        "XDEL k 7-1",
        "XSETID k 9-9 ENTRIESADDED 40 MAXDELETEDID 8-0",
    ]);
}

#[test]
fn groups_with_what_is_pending() {
    let mut lines: Vec<String> = (1..=20).map(|at| format!("XADD k {at}-1 field {at}")).collect();
    let more = [
        "XGROUP CREATE k g 0",
        "XGROUP CREATE k idle 3-1 ENTRIESREAD 3",
        "XGROUP CREATECONSUMER k g lazy",
        "XREADGROUP GROUP g a COUNT 7 STREAMS k >",
        "XREADGROUP GROUP g b COUNT 6 STREAMS k >",
        "XACK k g 2-1 9-1",
        "XCLAIM k g b 0 3-1 RETRYCOUNT 9 JUSTID",
        "XNACK k g FAIL IDS 2 12-1 5-1",
        // Still pending, though they are gone.
        "XDEL k 1-1 10-1 20-1",
    ];
    lines.extend(more.iter().map(|line| (*line).to_owned()));
    check(&lines.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn producers_are_remembered() {
    check(&[
        "XADD k IDMP shop order-1 * f v",
        "XADD k IDMP shop order-2 * f v",
        "XADD k IDMP farm 1 * f v",
        "XCFGSET k IDMP-MAXSIZE 100",
    ]);
    check(&["XADD k IDMP shop order-1 * f v", "XADD k IDMP shop order-2 * f v"]);
}

#[test]
fn arrays_and_where_the_next_insertion_goes() {
    assert_eq!(check(&["ARMSET k 0 a 7 1.5 18446744073709551614 \"\""]), 1);
    assert_eq!(check(&["ARSET k 3 a b", "ARINSERT k c d", "ARSEEK k 18446744073709551615"]), 2);
    assert_eq!(check(&["ARINSERT k a b c", "ARDEL k 2", "PEXPIREAT k 1800000000000"]), 3);
    assert_eq!(check(&[&many("ARSET k 5", 1000, |at| format!("text:{at}"))]), 1000_usize.div_ceil(64));
}
