//! A refused RESTORE says in the log what is wrong, in the words that Redis 8.0 has for the same payload.

use crate::rig::Rig;
use resp::reply::Value;

/// Payloads whose checksum is right, and what Redis 8.0.6 logs of them.
const REFUSED: [(&str, &str); 6] = [
    (
        r"\x0e\x01\x1d\x1d\x00\x00\x00\x16\x00\x00\x00\x03\x00\x00\x04\x43\x43\x43\x43\x06\x04\x42\x42\x42\x42\x06\x3f\x41\x41\x41\x41\xff\x09\x00\x88\xa5\xca\xa8\xc5\x41\xf4\x35",
        "-> Ziplist integrity check failed",
    ),
    (
        r"\x0d\x1b\x1b\x00\x00\x00\x16\x00\x00\x00\x04\x00\x00\x02\x61\x00\x04\x02\x62\x00\x04\x02\x61\x00\x04\x02\x64\x00\xff\x09\x00\xa1\x98\x36\x78\xcc\x8e\x93\x2e",
        "-> Hash ziplist integrity check failed",
    ),
    (
        r"\x12\x01\x02\x0b\x0b\x00\x00\x00\x01\x00\x81\x61\x02\xff\xff\x0a\x00\x7e\xd8\xde\x5b\x0d\xd7\x70\xb8",
        "-> Listpack integrity check failed",
    ),
    (
        r"\x0a\x80\x00\x00\x00\x10\x41\x41\x41\x41\x41\x41\x41\x41\x02\x00\x00\x80\x41\x41\x41\x41\x07\x00\x39\x5b\x49\xe0\xc1\xc6\xdd\x76",
        "-> List ziplist integrity check failed",
    ),
    (
        r"\x0f\x00\x00\x00\x00\x01\x07\x6d\x79\x67\x72\x6f\x75\x70\x00\x00\x00\x02\x04\x6e\x61\x6d\x65\x2a\x4c\xaa\x9a\x7d\x01\x00\x00\x00\x04\x6e\x61\x6d\x65\x2b\x4c\xaa\x9a\x7d\x01\x00\x00\x00\x0a\x00\xcc\xed\x8c\xa7\x62\xee\xc7\xc8",
        "-> Duplicate stream consumer detected",
    ),
    (r"\x04\x02\x01a\x01b\x01a\x01d\x09\x00\xc6\x9c\xab\xbc\x08k\x0c\x06", "-> Hash with dup elements"),
];

fn refuse(rig: &mut Rig, client: u64, payload: &str) {
    let replies = rig.ask(client, &format!("RESTORE key 0 \"{payload}\""));
    assert_eq!(replies, [Value::Error(b"ERR Bad data format".to_vec())], "{payload}");
}

#[test]
fn a_refused_payload_is_explained() {
    let mut rig = Rig::new();
    let client = rig.connect();
    for (payload, words) in REFUSED {
        refuse(&mut rig, client, payload);
        let last = rig.host.log.lock().last().cloned().expect("a line");
        assert!(last.contains(words), "{last} should say {words}");
    }
}

#[test]
fn many_refused_payloads_do_not_fill_the_log() {
    let mut rig = Rig::new();
    let client = rig.connect();
    let before = rig.host.log.lock().len();
    (0..1000).for_each(|_| refuse(&mut rig, client, REFUSED[0].0));
    let lines = rig.host.log.lock().len() - before;
    assert!(lines < 30, "{lines} lines");
    rig.advance_ms(1000);
    refuse(&mut rig, client, REFUSED[0].0);
    let last = rig.host.log.lock().last().cloned().expect("a line");
    assert!(last.contains("such lines before it were left out"), "{last}");
}
