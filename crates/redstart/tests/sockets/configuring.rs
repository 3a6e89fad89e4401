//! What CONFIG SET does to sockets.

use super::client::{Client, free_port, ok};
use super::server;
use std::net::TcpListener;

#[test]
fn the_port_and_the_addresses_can_be_changed() {
    let server = server().start().unwrap();
    let mut client = Client::tcp(&server);
    let port = free_port();
    assert_eq!(client.ask(&format!("CONFIG SET port {port}")), ok());
    assert_eq!(Client::to_port(port).text("PING"), "PONG");
    assert_eq!(client.ask("CONFIG SET bind *"), ok());
    assert_eq!(Client::to_port(port).text("PING"), "PONG");
    assert_eq!(client.info("server", "tcp_port"), u64::from(port));
}

#[test]
fn an_address_that_cannot_be_had_changes_nothing() {
    let server = server().start().unwrap();
    let mut client = Client::tcp(&server);
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = client.text(&format!("CONFIG SET port {port}"));
    assert!(refused.contains("Unable to listen on this port"), "{refused}");
    // An address for documentation, which no machine has.
    let refused = client.text("CONFIG SET bind 192.0.2.1");
    assert!(refused.contains("Failed to bind to specified addresses"), "{refused}");
    assert_eq!(Client::tcp(&server).text("PING"), "PONG");
}
