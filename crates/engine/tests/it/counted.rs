//! Who has seen an error reply finds it counted in INFO, once among all and once by its code.

use crate::rig::Rig;
use resp::reply::Value;

/// Conversations in which exactly one error is answered: the client, a space and what it sends.
const ONE_ERROR: &[&[&str]] = &[
    &["a SET key value", "a INCR key"],
    &["a NO-SUCH-COMMAND"],
    &["a GET"],
    &["a EXEC"],
    &["a MULTI", "a SET key value", "a INCR key", "a EXEC"],
    &["a *1\r\n$-7\r\n"],
    &["a BLPOP list 0", "b CLIENT UNBLOCK 1 ERROR"],
    // Answered by the Unit of another client.
    &[
        "b XGROUP CREATE stream group $ MKSTREAM",
        "a XREADGROUP GROUP group c BLOCK 0 STREAMS stream >",
        "b DEL stream",
    ],
    &[
        "b XGROUP CREATE stream group $ MKSTREAM",
        "a XREADGROUP GROUP group c BLOCK 0 STREAMS stream >",
        "b XGROUP DESTROY stream group",
    ],
    &["b SET text value", "a BLMOVE list text LEFT LEFT 0", "b RPUSH list element"],
];

fn info(rig: &mut Rig, section: &str) -> String {
    let client = rig.connect();
    match rig.ask(client, &format!("INFO {section}")).remove(0) {
        Value::Bulk(text) => String::from_utf8(text).expect("text"),
        other => panic!("INFO answers text, not {other:?}"),
    }
}

/// Sum of the numbers behind `start` in the lines that begin with `line`.
fn sum(info: &str, line: &str, start: &str) -> u64 {
    let lines = info.lines().filter(|text| text.starts_with(line));
    let number = |text: &str| {
        let from = text.find(start).expect("the line has the number") + start.len();
        let digits: String = text[from..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().expect("a number")
    };
    lines.map(number).sum()
}

#[test]
fn each_error_is_counted_once() {
    for conversation in ONE_ERROR {
        let mut rig = Rig::new();
        let clients = [rig.connect(), rig.connect()];
        for line in *conversation {
            let (client, request) = line.split_once(' ').expect("a client and its request");
            rig.send(clients[usize::from(client == "b")], request);
        }
        let [all, by_code] = [info(&mut rig, "stats"), info(&mut rig, "errorstats")];
        let counted = (sum(&all, "total_error_replies", ":"), sum(&by_code, "errorstat_", "count="));
        assert_eq!(counted, (1, 1), "{conversation:?}");
    }
}
