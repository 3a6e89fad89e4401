//! MIGRATE between two servers, and to one that takes its time.

use super::client::{Client, bulk, command, ok};
use super::server;
use redstart::Server;
use resp::reply::Value;
use resp::request::{Batch, Limits, Parser};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn migrate(from: &mut Client, to: &Server, rest: &str) -> String {
    from.text(&format!("MIGRATE 127.0.0.1 {} {rest}", to.port().expect("it listens")))
}

#[test]
fn keys_move_with_their_time_to_live() {
    let (source, target) = (server().start().unwrap(), server().start().unwrap());
    let (mut here, mut there) = (Client::tcp(&source), Client::tcp(&target));
    here.ask("SET a 1 EX 1000");
    here.ask("RPUSH b x y");
    assert_eq!(migrate(&mut here, &target, "a 0 5000 COPY"), "OK");
    assert_eq!((here.text("GET a"), there.text("GET a")), ("1".into(), "1".into()));
    let busy = "Target instance replied with error: BUSYKEY Target key name already exists.";
    assert!(migrate(&mut here, &target, "a 0 5000").ends_with(busy));
    // Also one that is named twice.
    let several = migrate_several(&mut here, &target, &["a", "b", "nothing", "a"]);
    assert_eq!(several, "OK");
    assert_eq!(here.ask("DBSIZE"), Value::Int(0));
    assert_eq!((there.text("GET a"), there.ask("LLEN b")), ("1".into(), Value::Int(2)));
    assert!(matches!(there.ask("TTL a"), Value::Int(900..=1000)));
    assert_eq!(here.info("stats", "migrate_cached_sockets"), 1);
    // The target has closed that connection: a new one is made.
    assert_eq!(there.ask("CLIENT KILL TYPE normal"), Value::Int(1));
    here.ask("SET c 3");
    assert_eq!(migrate(&mut here, &target, "c 0 5000"), "OK");
}

fn migrate_several(from: &mut Client, to: &Server, keys: &[&str]) -> String {
    let port = to.port().expect("it listens").to_string();
    let mut words: Vec<&[u8]> =
        vec![b"MIGRATE", b"127.0.0.1", port.as_bytes(), b"", b"0", b"5000", b"REPLACE", b"KEYS"];
    words.extend(keys.iter().map(|key| key.as_bytes()));
    from.send(command(&words));
    match from.reply() {
        Value::Simple(text) => String::from_utf8(text).expect("a text"),
        other => panic!("MIGRATE answered {other:?}"),
    }
}

/// Waits for so many requests; answers the first and the last word of each.
fn requests(socket: &mut TcpStream, count: usize) -> Vec<(String, String)> {
    let (mut input, mut bytes) = (Vec::new(), [0; 4096]);
    loop {
        let (mut parser, mut batch) = (Parser::new(), Batch::new());
        while parser.parse_one(&input, &Limits::default(), &mut batch).expect("well formed") {}
        if batch.len() >= count {
            let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
            return batch
                .iter(&input)
                .map(|args| (text(args.at(0)), text(args.at(args.len() - 1))))
                .collect();
        }
        let read = socket.read(&mut bytes).expect("a request");
        assert_ne!(read, 0, "closed");
        input.extend_from_slice(&bytes[..read]);
    }
}

#[test]
fn a_key_that_changes_meanwhile_is_sent_again_and_nobody_waits() {
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = server().set("io-threads", "1").start().unwrap();
    let (mut here, mut other) = (Client::tcp(&source), Client::tcp(&source));
    other.ask("SET changed 1");
    other.ask("SET deleted 1");
    let port = slow.local_addr().unwrap().port().to_string();
    let words: [&[u8]; 9] =
        [b"MIGRATE", b"127.0.0.1", port.as_bytes(), b"", b"0", b"100000", b"KEYS", b"changed", b"deleted"];
    here.send(command(&words));
    let (mut socket, _) = slow.accept().unwrap();
    let names =
        |requests: Vec<(String, String)>| requests.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(requests(&mut socket, 3)), ["SELECT", "RESTORE", "RESTORE"]);
    assert_eq!(other.ask("INCR changed"), Value::Int(2));
    assert_eq!(other.ask("DEL deleted"), Value::Int(1));
    socket.write_all(b"+OK\r\n+OK\r\n+OK\r\n").unwrap();
    let again = requests(&mut socket, 2);
    assert_eq!(again[0], ("RESTORE".into(), "REPLACE".into()));
    assert_eq!(again[1], ("DEL".into(), "deleted".into()));
    assert_eq!(other.text("GET changed"), "2");
    socket.write_all(b"+OK\r\n:1\r\n").unwrap();
    assert_eq!(here.reply(), ok());
    assert_eq!(other.ask("EXISTS changed"), Value::Int(0));
    // What has not been acknowledged stays.
    other.ask("SET kept 1");
    here.send(format!("MIGRATE 127.0.0.1 {port} kept 0 100000\r\n"));
    assert_eq!(names(requests(&mut socket, 1)), ["RESTORE"]);
    drop((socket, slow));
    assert!(matches!(here.reply(), Value::Error(text) if text.starts_with(b"IOERR error or timeout")));
    assert_eq!(other.text("GET kept"), "1");
}

#[test]
fn its_client_counts_as_blocked_and_a_pause_keeps_its_keys() {
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = server().start().unwrap();
    let (mut here, mut other) = (Client::tcp(&source), Client::tcp(&source));
    other.ask("SET key 1");
    let port = slow.local_addr().unwrap().port();
    here.send(format!("MIGRATE 127.0.0.1 {port} key 0 100000\r\n"));
    let (mut socket, _) = slow.accept().unwrap();
    requests(&mut socket, 2);
    assert_eq!(other.info("clients", "blocked_clients"), 1);
    assert_eq!(other.ask("CLIENT PAUSE 100000000 WRITE"), ok());
    socket.write_all(b"+OK\r\n+OK\r\n").unwrap();
    // It was deleted within a few of these.
    for _ in 0..1000 {
        assert_eq!(other.ask("EXISTS key"), Value::Int(1));
    }
    assert_eq!(other.ask("CLIENT UNPAUSE"), ok());
    assert_eq!(here.reply(), ok());
    assert_eq!(other.ask("EXISTS key"), Value::Int(0));
    assert_eq!(other.info("clients", "blocked_clients"), 0);
}

#[test]
fn answers_that_no_server_gives_delete_nothing() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = server().start().unwrap();
    let mut here = Client::tcp(&source);
    here.ask("SET kept 1");
    let port = stranger.local_addr().unwrap().port();
    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n250 OK\r\n"] {
        here.send(format!("MIGRATE 127.0.0.1 {port} kept 0 100000\r\n"));
        let (mut socket, _) = stranger.accept().unwrap();
        requests(&mut socket, 2);
        socket.write_all(answer.as_bytes()).unwrap();
        assert!(matches!(here.reply(), Value::Error(text) if text.starts_with(b"IOERR error or timeout")));
        assert_eq!(here.text("GET kept"), "1");
    }
}

#[test]
fn the_password_is_hidden_when_the_command_ends_and_nothing_else_is() {
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = server().set("io-threads", "1").set("slowlog-log-slower-than", "0").start().unwrap();
    let (mut here, mut other) = (Client::tcp(&source), Client::tcp(&source));
    other.ask("SET key 1");
    let port = slow.local_addr().unwrap().port();
    here.send(format!("MIGRATE 127.0.0.1 {port} key 0 100000 COPY AUTH2 user password\r\n"));
    let (mut socket, _) = slow.accept().unwrap();
    assert_eq!(requests(&mut socket, 3)[0], ("AUTH".into(), "password".into()));
    other.ask("MGET a b c d e f g h i");
    socket.write_all(b"+OK\r\n+OK\r\n+OK\r\n").unwrap();
    assert_eq!(here.reply(), ok());
    let Value::Array(entries) = other.ask("SLOWLOG GET 3") else { panic!("entries are an array") };
    let words = entries.into_iter().map(|entry| match entry {
        Value::Array(mut parts) => parts.swap_remove(3),
        other => panic!("an entry is {other:?}"),
    });
    let expected = |line: &str| Value::Array(line.split(' ').map(bulk).collect());
    let migrate = format!("MIGRATE 127.0.0.1 {port} key 0 100000 COPY AUTH2 (redacted) (redacted)");
    let expected = [&migrate, "MGET a b c d e f g h i", "SET key 1"].map(expected);
    assert!(words.eq(expected), "neither the password is shown, nor is another command's word hidden");
}
