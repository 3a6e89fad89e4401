//! Requests and replies: over both kinds of sockets, in odd pieces, over many connections.

use crate::client::{Client, bulk, command, ok, scratch};
use redstart::Server;
use resp::reply::Value;

#[test]
fn tcp_and_unix_sockets_serve_the_same_data() {
    let path = scratch("traffic").join("socket");
    let server = Server::builder().any_port().unix_socket(&path).start().unwrap();
    assert_eq!(Client::tcp(&server).ask("SET key value"), ok());
    assert_eq!(Client::unix(&path).ask("GET key"), bulk("value"));
}

/// Requests of every form with their replies.
fn mixed_requests() -> (Vec<u8>, Vec<Value>) {
    let (mut bytes, mut replies) = (Vec::new(), Vec::new());
    for round in 0..20 {
        let value = vec![b'a' + round; 17 * usize::from(round) * usize::from(round)];
        bytes.extend(command(&[b"SET", &[b'k', round], &value]));
        bytes.extend_from_slice(b"PING\r\n\r\n");
        bytes.extend(command(&[b"GET", &[b'k', round]]));
        bytes.extend_from_slice(b"echo \"two words\"\r\n");
        bytes.extend(command(&[b"NOSUCH"]));
        replies.push(ok());
        replies.push(Value::Simple(b"PONG".to_vec()));
        replies.push(bulk(value));
        replies.push(bulk("two words"));
        replies.push(Value::Error(b"ERR unknown command 'NOSUCH', with args beginning with: ".to_vec()));
    }
    (bytes, replies)
}

#[test]
fn requests_may_arrive_in_pieces_of_any_size() {
    let server = Server::builder().any_port().start().unwrap();
    let (bytes, replies) = mixed_requests();
    for size in [1, 2, 3, 7, 61, 1000, 4096, bytes.len()] {
        let mut client = Client::tcp(&server);
        bytes.chunks(size).for_each(|piece| client.send(piece));
        for (at, expected) in replies.iter().enumerate() {
            assert_eq!(client.reply(), *expected, "reply {at} with pieces of {size}");
        }
    }
}

#[test]
fn a_large_value_comes_back_whole() {
    let server = Server::builder().any_port().start().unwrap();
    let mut client = Client::tcp(&server);
    let value: Vec<u8> = (0..5_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    client.send(command(&[b"SET", b"large", &value]));
    assert_eq!(client.reply(), ok());
    assert_eq!(client.ask("GET large"), bulk(value));
}

#[test]
fn connections_are_spread_over_the_workers() {
    let server = Server::builder().any_port().set("io-threads", "4").start().unwrap();
    let mut clients: Vec<_> = (0..100).map(|_| Client::tcp(&server)).collect();
    for (at, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.ask(&format!("SET key{at} {at}")), ok());
    }
    for (at, client) in clients.iter_mut().rev().enumerate() {
        assert_eq!(client.ask(&format!("GET key{at}")), bulk(at.to_string()));
    }
    let page = clients[0].text("INFO threads");
    for worker in 0..4 {
        assert!(page.contains(&format!("io_thread_{worker}:clients=25,")), "{page}");
    }
    assert_eq!(clients[0].info("clients", "connected_clients"), 100);
}
