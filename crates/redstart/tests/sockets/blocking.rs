//! Blocked clients: they cost nothing, and they end.

use super::client::{Client, command};
use super::server;
use redstart::ManualClock;
use resp::reply::Value;
use std::time::Duration;

#[test]
fn blocked_clients_do_not_keep_the_worker_busy() {
    let server = server().set("io-threads", "1").start().unwrap();
    let mut client = Client::tcp(&server);
    let mut blocked: Vec<_> = (0..50).map(|_| Client::tcp(&server)).collect();
    blocked.iter_mut().for_each(|client| client.send(command(&[b"BLPOP", b"list", b"0"])));
    while client.info("clients", "blocked_clients") < 50 {}
    // More input of a blocked client waits until it is served.
    blocked.iter_mut().for_each(|client| client.send(b"PING\r\n"));
    const ROUNDS: u64 = 500;
    let before = client.info("stats", "eventloop_cycles");
    (0..ROUNDS).for_each(|_| assert_eq!(client.text("PING"), "PONG"));
    let turns = client.info("stats", "eventloop_cycles") - before;
    assert!(turns < 2 * ROUNDS, "{turns} turns of the loop for {ROUNDS} requests");
}

#[test]
fn a_deadline_passes_with_the_clock() {
    let clock = ManualClock::at_ms(1_000_000);
    let server = server().clock(clock.clone()).start().unwrap();
    let (mut waiting, mut other) = (Client::tcp(&server), Client::tcp(&server));
    waiting.send(command(&[b"BLPOP", b"list", b"5"]));
    while other.info("clients", "blocked_clients") == 0 {}
    clock.advance(Duration::from_millis(4_900));
    assert_eq!(other.info("clients", "blocked_clients"), 1);
    clock.advance(Duration::from_millis(200));
    assert_eq!(waiting.reply(), Value::NullArray);
    assert_eq!(waiting.text("PING"), "PONG");
}

#[test]
fn a_blocked_client_that_leaves_is_forgotten() {
    let server = server().start().unwrap();
    let mut other = Client::tcp(&server);
    let mut leaving = Client::tcp(&server);
    leaving.send(command(&[b"BLPOP", b"list", b"0"]));
    while other.info("clients", "blocked_clients") == 0 {}
    leaving.end_output();
    assert_eq!(leaving.rest(), b"");
    while other.info("clients", "blocked_clients") > 0 {}
    assert_eq!(other.ask("RPUSH list a"), Value::Int(1));
    assert_eq!(other.ask("LLEN list"), Value::Int(1));
}

#[test]
fn a_key_expires_with_the_clock_though_nobody_asks_for_it() {
    let clock = ManualClock::at_ms(1_000_000);
    let server = server().clock(clock.clone()).start().unwrap();
    let mut client = Client::tcp(&server);
    assert_eq!(client.text("SET key value PX 500"), "OK");
    assert_eq!(client.text("INFO keyspace").lines().count(), 2);
    clock.advance(Duration::from_millis(501));
    while client.info("stats", "expired_keys") == 0 {}
    assert_eq!(client.text("INFO keyspace").lines().count(), 1);
}
