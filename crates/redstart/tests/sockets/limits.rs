//! Limits: clients, buffers, idle time, and what isn't a request.

use super::client::{Client, command, ok};
use super::server;
use redstart::ManualClock;
use resp::reply::Value;
use std::time::Duration;

#[test]
fn clients_beyond_maxclients_are_refused() {
    let server = server().set("maxclients", "2").start().unwrap();
    let mut first = Client::tcp(&server);
    let mut second = Client::tcp(&server);
    assert_eq!((first.text("PING"), second.text("PING")), ("PONG".into(), "PONG".into()));
    assert_eq!(Client::tcp(&server).rest(), b"-ERR max number of clients reached\r\n");
    assert_eq!(second.info("stats", "rejected_connections"), 1);
    assert_eq!(second.text("QUIT"), "OK");
    assert_eq!(second.rest(), b"");
    assert_eq!(Client::tcp(&server).text("PING"), "PONG");
}

#[test]
fn idle_clients_are_closed_after_the_timeout_and_blocked_ones_are_not() {
    let clock = ManualClock::at_ms(1_000_000);
    let server = server().clock(clock.clone()).set("timeout", "10").start().unwrap();
    let (mut idle, mut blocked) = (Client::tcp(&server), Client::tcp(&server));
    assert_eq!(idle.text("PING"), "PONG");
    blocked.send(command(&[b"BLPOP", b"list", b"0"]));
    while idle.info("clients", "blocked_clients") == 0 {}
    clock.advance(Duration::from_secs(9));
    assert_eq!(idle.text("PING"), "PONG");
    clock.advance(Duration::from_secs(11));
    assert_eq!(idle.rest(), b"");
    assert_eq!(Client::tcp(&server).ask("RPUSH list element"), Value::Int(1));
    let element = |text: &[u8]| Value::Bulk(text.to_vec());
    assert_eq!(blocked.reply(), Value::Array(vec![element(b"list"), element(b"element")]));
}

#[test]
fn a_client_that_does_not_read_is_closed_at_its_output_limit() {
    let limits = "normal 1mb 0 0";
    let server = server().set("client-output-buffer-limit", limits).start().unwrap();
    let mut other = Client::tcp(&server);
    other.send(command(&[b"SET", b"large", &vec![b'x'; 1 << 20]]));
    assert_eq!(other.reply(), ok());
    let mut lazy = Client::tcp(&server);
    const REQUESTS: usize = 64;
    lazy.send_until_closed(&command(&[b"GET", b"large"]).repeat(REQUESTS));
    while other.info("stats", "client_output_buffer_limit_disconnections") == 0 {}
    assert!(lazy.rest().len() < REQUESTS << 20);
    assert_eq!(other.text("PING"), "PONG");
}

#[test]
fn a_soft_output_limit_counts_after_its_seconds() {
    let clock = ManualClock::at_ms(1_000_000);
    let server = server().clock(clock.clone());
    let server = server.set("client-output-buffer-limit", "normal 0 1mb 5").start().unwrap();
    let mut other = Client::tcp(&server);
    other.send(command(&[b"SET", b"large", &vec![b'x'; 1 << 20]]));
    assert_eq!(other.reply(), ok());
    let mut lazy = Client::tcp(&server);
    lazy.send(command(&[b"GET", b"large"]).repeat(64));
    while other.info("clients", "client_recent_max_output_buffer") < 1 << 20 {
        // The sampler looks when time passes.
        clock.advance(Duration::from_millis(100));
    }
    assert_eq!(other.info("stats", "client_output_buffer_limit_disconnections"), 0);
    clock.advance(Duration::from_secs(6));
    while other.info("stats", "client_output_buffer_limit_disconnections") == 0 {}
}

#[test]
fn a_request_beyond_the_query_buffer_limit_closes_the_connection() {
    let limit = "client-query-buffer-limit";
    let server = server().set(limit, "1mb").start().unwrap();
    let mut client = Client::tcp(&server);
    client.send_until_closed(b"*2\r\n$3\r\nGET\r\n$4000000\r\n");
    client.send_until_closed(&vec![b'x'; 3_000_000]);
    assert_eq!(client.rest(), b"");
    let mut other = Client::tcp(&server);
    assert_eq!(other.info("stats", "client_query_buffer_limit_disconnections"), 1);
}

#[test]
fn what_is_no_request_is_answered_and_the_connection_closed() {
    let server = server().start().unwrap();
    let cases: [(&[u8], &str); 4] = [
        (b"*1\r\n$x\r\n", "-ERR Protocol error: invalid bulk length\r\n"),
        (b"*99999999999\r\n", "-ERR Protocol error: invalid multibulk length\r\n"),
        (b"*1\r\nfoo\r\n", "-ERR Protocol error: expected '$', got 'f'\r\n"),
        (b"SET \"unbalanced\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"),
    ];
    for (bytes, expected) in cases {
        let mut client = Client::tcp(&server);
        client.send(b"PING\r\n");
        client.send(bytes);
        let answered = String::from_utf8(client.rest()).unwrap();
        assert_eq!(answered, format!("+PONG\r\n{expected}"));
    }
}
