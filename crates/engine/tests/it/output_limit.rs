//! Clients that ask for more than they may have unread.

use crate::rig::Rig;
use resp::reply::Value;

const VALUE_BYTES: usize = 100_000;
/// What the client may have unread, and the reply that went beyond it.
const MOST_BYTES: usize = (1 << 20) + 2 * VALUE_BYTES;

fn rig() -> (Rig, u64, u64) {
    let mut rig = Rig::configured("save \"\"\nclient-output-buffer-limit normal 1mb 0 0");
    let (greedy, other) = (rig.connect(), rig.connect());
    assert_eq!(
        rig.ask(other, &format!("SET large {}", "x".repeat(VALUE_BYTES))),
        [Value::Simple("OK".into())]
    );
    (rig, greedy, other)
}

#[test]
fn no_more_requests_of_a_pipeline_run_than_can_be_answered() {
    for request in ["GET large\r\n", "MGET large\r\n", "GET large\r\nGET b\r\nMGET b c\r\n"] {
        let (mut rig, greedy, other) = rig();
        rig.send(greedy, &(request.repeat(1000) + "INCR counter\r\n"));
        assert!(rig.unread_bytes(greedy) <= MOST_BYTES, "{request}: {}", rig.unread_bytes(greedy));
        assert!(rig.is_closed(greedy), "{request}");
        assert_eq!(rig.ask(other, "EXISTS counter"), [Value::Int(0)], "{request}");
    }
}

#[test]
fn a_transaction_runs_to_its_end_though_its_replies_are_too_much() {
    let (mut rig, greedy, other) = rig();
    let queued = "GET large\r\n".repeat(1000);
    rig.send(greedy, &format!("MULTI\r\n{queued}INCR counter\r\nEXEC\r\nINCR counter\r\n"));
    assert!(rig.unread_bytes(greedy) <= MOST_BYTES, "{}", rig.unread_bytes(greedy));
    assert!(rig.is_closed(greedy));
    assert_eq!(rig.ask(other, "INCR counter"), [Value::Int(2)]);
}

#[test]
fn replies_within_the_limit_are_all_given() {
    let (mut rig, greedy, _) = rig();
    assert_eq!(rig.ask(greedy, &"GET large\r\n".repeat(10)).len(), 10);
    assert!(!rig.is_closed(greedy));
}
