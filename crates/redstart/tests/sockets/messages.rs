//! Messages that answer no request: from any worker to clients of any worker.

use super::client::{Client, bulk, command, ok, scratch};
use super::server;
use redstart::ManualClock;
use resp::reply::Value;
use std::time::Duration;

fn message(channel: &str, text: &str) -> Value {
    Value::Array(vec![bulk("message"), bulk(channel), bulk(text)])
}

fn subscribed(channel: &str, count: i64) -> Value {
    Value::Array(vec![bulk("subscribe"), bulk(channel), Value::Int(count)])
}

#[test]
fn who_has_heard_that_it_is_published_finds_it_delivered() {
    let server = server().set("io-threads", "4").start().unwrap();
    let mut publisher = Client::tcp(&server);
    let mut subscribers: Vec<_> = (0..8).map(|_| Client::tcp(&server)).collect();
    for round in 0..50 {
        for client in &mut subscribers {
            assert_eq!(client.ask("SUBSCRIBE news"), subscribed("news", 1));
        }
        assert_eq!(publisher.ask(&format!("PUBLISH news {round}")), Value::Int(8));
        for client in &mut subscribers {
            client.send("UNSUBSCRIBE news\r\n");
        }
        for client in &mut subscribers {
            assert_eq!(client.reply(), message("news", &round.to_string()));
            assert!(matches!(client.reply(), Value::Array(words) if words[0] == bulk("unsubscribe")));
        }
        assert_eq!(publisher.ask("PUBLISH news late"), Value::Int(0));
    }
}

#[test]
fn each_publishers_messages_arrive_in_its_order_and_none_is_lost() {
    const PUBLISHERS: usize = 6;
    const MESSAGES: usize = 2_000;
    let server = server().set("io-threads", "4").start().unwrap();
    let mut subscribers: Vec<_> = (0..8).map(|_| Client::tcp(&server)).collect();
    for client in &mut subscribers {
        assert_eq!(client.ask("SUBSCRIBE news"), subscribed("news", 1));
    }
    let publish = |publisher: usize| {
        let mut client = Client::tcp(&server);
        let requests = (0..MESSAGES).map(|n| format!("PUBLISH news {publisher}:{n}\r\n"));
        client.send(requests.collect::<String>());
        (0..MESSAGES).for_each(|_| assert_eq!(client.reply(), Value::Int(8)));
    };
    let receive = |client: &mut Client| {
        let mut next = [0; PUBLISHERS];
        for _ in 0..PUBLISHERS * MESSAGES {
            let Value::Array(words) = client.reply() else { panic!("not a message") };
            let Value::Bulk(text) = &words[2] else { panic!("not a text") };
            let text = String::from_utf8_lossy(text);
            let (publisher, number) = text.split_once(':').expect("as it was sent");
            let next = &mut next[publisher.parse::<usize>().unwrap()];
            assert_eq!(*next, number.parse::<usize>().unwrap());
            *next += 1;
        }
    };
    std::thread::scope(|scope| {
        subscribers.iter_mut().for_each(|client| drop(scope.spawn(move || receive(client))));
        (0..PUBLISHERS).for_each(|publisher| drop(scope.spawn(move || publish(publisher))));
    });
}

#[test]
fn a_subscriber_that_does_not_read_is_closed_at_its_class_limit() {
    let limits = "normal 0 0 0 pubsub 4mb 0 0";
    let server = server().set("io-threads", "2").set("client-output-buffer-limit", limits).start().unwrap();
    let (mut publisher, mut lazy) = (Client::tcp(&server), Client::tcp(&server));
    assert_eq!(lazy.ask("SUBSCRIBE news"), subscribed("news", 1));
    let publish = command(&[b"PUBLISH", b"news", &vec![b'x'; 1 << 20]]);
    loop {
        publisher.send(&publish);
        if publisher.reply() == Value::Int(0) {
            break;
        }
    }
    assert_eq!(publisher.info("stats", "client_output_buffer_limit_disconnections"), 1);
    assert_eq!(publisher.info("clients", "pubsub_clients"), 0);
}

#[test]
fn a_subscribers_soft_limit_counts_after_its_seconds() {
    let clock = ManualClock::at_ms(1_000_000);
    let server = server().clock(clock.clone());
    let server = server.set("client-output-buffer-limit", "pubsub 0 4mb 5").start().unwrap();
    let (mut publisher, mut lazy) = (Client::tcp(&server), Client::tcp(&server));
    assert_eq!(lazy.ask("SUBSCRIBE news"), subscribed("news", 1));
    let publish = command(&[b"PUBLISH", b"news", &vec![b'x'; 1 << 20]]);
    publisher.send(publish.repeat(32));
    (0..32).for_each(|_| assert_eq!(publisher.reply(), Value::Int(1)));
    clock.advance(Duration::from_millis(200));
    assert_eq!(publisher.ask("PUBLISH news x"), Value::Int(1));
    clock.advance(Duration::from_secs(6));
    // It is counted before its worker closes it.
    while publisher.info("clients", "pubsub_clients") != 0 {}
    assert_eq!(publisher.info("stats", "client_output_buffer_limit_disconnections"), 1);
    assert_eq!(publisher.ask("PUBLISH news x"), Value::Int(0));
}

#[test]
fn a_message_that_tells_of_a_change_waits_for_the_disk_with_it() {
    let folder = scratch("messages_wait");
    let server = server().set("appendonly", "yes").set("appendfsync", "always").set("io-threads", "2");
    let server = server.set("dir", folder.to_str().unwrap()).start().unwrap();
    let (mut publisher, mut subscriber) = (Client::tcp(&server), Client::tcp(&server));
    assert_eq!(subscriber.ask("SUBSCRIBE news"), subscribed("news", 1));
    for round in 0..20 {
        publisher.send(format!("SET key {round}\r\nPUBLISH news {round}\r\n"));
        assert_eq!(subscriber.reply(), message("news", &round.to_string()));
        assert_eq!((publisher.reply(), publisher.reply()), (ok(), Value::Int(1)));
    }
}
