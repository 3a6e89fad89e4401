//! Requests and replies: over both kinds of sockets, in odd pieces, over many connections.

use super::client::{Client, bulk, command, ok, scratch};
use super::server;
use resp::reply::Value;

#[test]
fn tcp_and_unix_sockets_serve_the_same_data() {
    let path = scratch("traffic").join("socket");
    let server = server().unix_socket(&path).start().unwrap();
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
    let server = server().start().unwrap();
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
    let server = server().start().unwrap();
    let mut client = Client::tcp(&server);
    let value: Vec<u8> = (0..5_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    client.send(command(&[b"SET", b"large", &value]));
    assert_eq!(client.reply(), ok());
    assert_eq!(client.ask("GET large"), bulk(value));
}

#[test]
fn connections_are_spread_over_the_workers() {
    let server = server().set("io-threads", "4").start().unwrap();
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

/// Small and large requests in turn, more of them at once than fits into any buffer on the way.
#[test]
fn small_and_large_requests_keep_their_order() {
    let server = server().start().unwrap();
    let sizes = [1, 5_000, 40, 20_000, 7, 300_000, 0, 0, 4096, 16_384, 65_536, 3];
    let mut client = Client::tcp(&server);
    for round in 0..4 {
        for (at, size) in sizes.into_iter().enumerate() {
            let value = vec![b'a' + round; size];
            client.send(command(&[b"SET", &[b'k', at as u8], &value]));
            client.send(command(&[b"GET", &[b'k', at as u8]]));
            assert_eq!((client.reply(), client.reply()), (ok(), bulk(value)), "{size} bytes, round {round}");
        }
    }
    let requests: Vec<u8> =
        sizes.into_iter().cycle().take(600).flat_map(|size| command(&[b"ECHO", &vec![b'e'; size]])).collect();
    std::thread::scope(|scope| {
        let mut sender = client.another_handle();
        scope.spawn(move || sender.send(requests));
        for size in sizes.into_iter().cycle().take(600) {
            assert_eq!(client.reply(), bulk(vec![b'e'; size]));
        }
    });
}

/// More connections with input at once than there are buffers for it.
#[test]
fn hundreds_of_connections_are_answered_at_once() {
    let server = server().set("io-threads", "1").start().unwrap();
    let mut clients: Vec<_> = (0..700).map(|_| Client::tcp(&server)).collect();
    for round in 0..3 {
        for (at, client) in clients.iter_mut().enumerate() {
            client.send(command(&[b"ECHO", &vec![b'x'; at * 20]]));
            client.send(command(&[b"ECHO", format!("{at} {round}").as_bytes()]));
        }
        for (at, client) in clients.iter_mut().enumerate() {
            assert_eq!(client.reply(), bulk(vec![b'x'; at * 20]));
            assert_eq!(client.reply(), bulk(format!("{at} {round}")));
        }
    }
}

#[test]
fn what_was_sent_before_the_end_is_answered() {
    let server = server().start().unwrap();
    for size in [10, 100_000] {
        let mut client = Client::tcp(&server);
        client.send(command(&[b"ECHO", &vec![b'x'; size]]).repeat(3));
        client.end_output();
        for _ in 0..3 {
            assert_eq!(client.reply(), bulk(vec![b'x'; size]));
        }
        assert_eq!(client.rest(), b"");
    }
}

/// Connections that come and go leave nothing behind: their places are taken by others.
#[test]
fn connections_come_and_go() {
    let server = server().set("io-threads", "1").start().unwrap();
    let mut steady = Client::tcp(&server);
    for round in 0..300 {
        let mut client = Client::tcp(&server);
        // Some go without looking at the reply.
        client.send(command(&[b"SET", b"key", round.to_string().as_bytes()]));
        if round % 3 > 0 {
            assert_eq!(client.reply(), ok());
        }
        if round % 3 == 1 {
            assert_eq!(client.ask("QUIT"), ok());
            assert_eq!(client.rest(), b"");
        }
    }
    assert!(steady.text("GET key").parse::<u32>().unwrap() < 300);
    let api = if crate::IO_ENGINE == "epoll" { "epoll" } else { "" };
    assert!(steady.text("INFO server").contains(&format!("multiplexing_api:{api}")));
}
