//! The tester against two small servers written here, one of them with a fault.

use differential::case::{Course, Options, run};
use differential::generate::Step;
use differential::known::Accepted;
use differential::server::Pair;
use differential::{shrink, transcript};
use resp::reply::{Value, parse_reply};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

/// What is wrong with a server.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// GET answers in capitals.
    Answer,
    /// APPEND stores a byte too many, and doesn't say so.
    Store,
    /// ECHO ends the connection.
    Close,
}

type Strings = BTreeMap<Vec<u8>, Vec<u8>>;

/// A server for strings in one database; returns its port. It lives as long as the test's process.
fn serve(fault: Fault) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let strings = Arc::new(Mutex::new(Strings::new()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let strings = Arc::clone(&strings);
            std::thread::spawn(move || talk(stream, &strings, fault));
        }
    });
    port
}

fn talk(mut stream: TcpStream, strings: &Mutex<Strings>, fault: Fault) {
    let (mut input, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(len @ 1..) = stream.read(&mut chunk) {
        input.extend_from_slice(&chunk[..len]);
        while let Ok(Some((Value::Array(words), len))) = parse_reply(&input) {
            input.drain(..len);
            let words: Vec<_> = words
                .into_iter()
                .map(|word| if let Value::Bulk(word) = word { word } else { vec![] })
                .collect();
            if fault == Fault::Close && words[0] == b"ECHO" {
                return;
            }
            stream.write_all(&answer(&words, strings.lock().unwrap(), fault)).unwrap();
        }
    }
}

fn bulk(bytes: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn answer(words: &[Vec<u8>], mut strings: MutexGuard<'_, Strings>, fault: Fault) -> Vec<u8> {
    let keys = |strings: &Strings| {
        let names: Vec<_> = strings.keys().map(|key| bulk(key)).collect();
        [format!("*{}\r\n", names.len()).into_bytes(), names.concat()].concat()
    };
    match (words[0].as_slice(), &words[1..]) {
        (b"CLIENT", _) => b":7\r\n".to_vec(),
        (b"INFO", _) => bulk(b"redis_version:0\r\n"),
        (b"FLUSHALL", _) => {
            strings.clear();
            b"+OK\r\n".to_vec()
        }
        (b"SELECT", _) => b"+OK\r\n".to_vec(),
        (b"KEYS", _) => keys(&strings),
        (b"SCAN", _) => [b"*2\r\n$1\r\n0\r\n".to_vec(), keys(&strings)].concat(),
        (b"TYPE", _) => b"+string\r\n".to_vec(),
        (b"OBJECT", _) => bulk(b"raw"),
        (b"PTTL", _) => b":-1\r\n".to_vec(),
        (b"APPEND", [key, tail]) => {
            let string = strings.entry(key.clone()).or_default();
            string.extend_from_slice(tail);
            let told = format!(":{}\r\n", string.len()).into_bytes();
            string.extend((fault == Fault::Store).then_some(b'!'));
            told
        }
        (b"GET" | b"STRLEN", [key]) => {
            let string = strings.get(key).cloned().unwrap_or_default();
            bulk(&if fault == Fault::Answer { string.to_ascii_uppercase() } else { string })
        }
        _ => b"+OK\r\n".to_vec(),
    }
}

fn course(fault: Fault, lines: &[&str]) -> (Course, Pair) {
    let pair = Pair::open(&serve(Fault::None).to_string(), &serve(fault).to_string()).unwrap();
    let steps: Vec<_> = lines.iter().map(|line| step(line)).collect();
    (run(&pair, &steps, &options()).unwrap(), pair)
}

fn step(line: &str) -> Step {
    Step::new(0, line.split(' ').map(|word| word.as_bytes().to_vec()).collect())
}

fn options() -> Options {
    Options { dataset_every: 100, error_texts: true, accepted: Accepted::default(), events: false }
}

const LINES: [&str; 5] = ["PING", "APPEND k v", "PING", "GET k", "ECHO x"];

#[test]
fn equal_servers_do_not_part() {
    let (course, _) = course(Fault::None, &LINES);
    assert_eq!(course.signature(), None);
    assert_eq!(course.events.len(), LINES.len());
}

#[test]
fn a_different_answer_ends_the_case() {
    let (course, pair) = course(Fault::Answer, &LINES);
    let signature = course.signature().unwrap();
    assert_eq!(signature, "GET: a value or a value");
    let short = shrink::shortest(&LINES.map(step), 100, |some| {
        run(&pair, some, &options()).unwrap().signature().as_ref() == Some(&signature)
    });
    let wanted = "1> APPEND k v\n(integer) 1\n1> GET k\n--- left\n\"v\"\n--- right\n\"V\"\n";
    assert_eq!(transcript::of(&run(&pair, &short, &options()).unwrap(), ["left", "right"]), wanted);
}

#[test]
fn different_data_is_found_though_all_answers_agree() {
    let (course, _) = course(Fault::Store, &["APPEND k v"]);
    assert_eq!(course.signature().as_deref(), Some("stored: GET of a string"));
}

#[test]
fn a_server_that_hangs_up_is_named() {
    let (course, _) = course(Fault::Close, &LINES);
    assert_eq!(course.signature().as_deref(), Some("server 2: closed the connection"));
}
