//! How a server ends.

use super::client::{Client, command, free_port, scratch};
use super::server;
use redstart::Server;
use std::net::TcpStream;

#[test]
fn a_dropped_server_is_gone() {
    let path = scratch("stopping").join("socket");
    let port = free_port();
    let builder = Server::builder().set("io-engine", crate::IO_ENGINE).set("bind", "127.0.0.1");
    let server = builder.set("port", port.to_string()).unix_socket(&path).start().unwrap();
    assert_eq!(server.port(), Some(port));
    let mut client = Client::tcp(&server);
    assert_eq!(client.text("PING"), "PONG");
    assert!(path.exists());
    drop(server);
    assert_eq!(client.rest(), b"");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!path.exists());
}

#[test]
fn shutdown_stops_the_server() {
    let server = server().start().unwrap();
    let (mut client, blocked) = (Client::tcp(&server), Client::tcp(&server));
    client.send(command(&[b"SHUTDOWN", b"NOSAVE"]));
    assert_eq!(client.rest(), b"");
    server.wait();
    assert_eq!(blocked.rest(), b"");
}

#[test]
fn a_server_that_cannot_listen_says_why() {
    let first = server().start().unwrap();
    let port = first.port().unwrap().to_string();
    let taken = Server::builder().set("port", &port).set("bind", "127.0.0.1").start();
    let text = taken.err().expect("the port is taken").to_string();
    assert_eq!(text, format!("Failed listening on port {port} (tcp), aborting."));
    let nowhere = Server::builder().start().err().expect("no address").to_string();
    assert_eq!(nowhere, "Configured to not listen anywhere, exiting.");
    let wrong = Server::builder().set("timeout", "soon").start().err().expect("no number").to_string();
    assert!(wrong.contains("argument couldn't be parsed into an integer"), "{wrong}");
}
