//! `maxmemory-clients`: who is closed when all clients together hold too much.

use crate::rig::{Rig, info};

/// A request of so many bytes that isn't complete.
fn begun(bytes: usize) -> String {
    format!("*2\r\n${bytes}\r\n{}\r\n", "v".repeat(bytes))
}

fn closed(rig: &Rig, clients: &[u64]) -> Vec<bool> {
    clients.iter().map(|client| rig.is_closed(*client)).collect()
}

#[test]
fn who_holds_the_most_goes_first_and_no_more_than_needed() {
    let mut rig = Rig::new();
    let control = rig.connect();
    rig.ask(control, "CLIENT NO-EVICT ON");
    let clients: Vec<u64> = (0..5).map(|_| rig.connect()).collect();
    let sizes = [100_000, 1_000_000, 400_000, 900_000, 100_000];
    for (client, size) in clients.iter().zip(sizes) {
        rig.send(*client, &begun(size));
    }
    assert_eq!(closed(&rig, &clients), [false; 5], "there is no limit");
    // Those of 1,000,000 and of 900,000 are of one size class: the older one goes.
    rig.ask(control, "CONFIG SET maxmemory-clients 2000kb");
    assert_eq!(closed(&rig, &clients), [false, true, false, false, false]);
    rig.ask(control, "CONFIG SET maxmemory-clients 1000kb");
    assert_eq!(closed(&rig, &clients), [false, true, false, true, false]);
    assert_eq!(info(&mut rig, control, "evicted_clients"), 2);
    rig.send(clients[2], &"v".repeat(500_000).replace("vv", "v\n"));
    assert_eq!(closed(&rig, &clients), [false, true, true, true, false], "it has grown too large");
    rig.ask(control, "CONFIG SET maxmemory-clients 1");
    assert_eq!(closed(&rig, &clients), [true; 5]);
    assert!(!rig.is_closed(control), "it has asked not to be evicted");
    rig.ask(control, "CONFIG RESETSTAT");
    assert_eq!(info(&mut rig, control, "evicted_clients"), 0);
    rig.ask(control, "CLIENT NO-EVICT OFF");
    assert!(rig.is_closed(control));
}

#[test]
fn what_clients_have_the_server_remember_counts() {
    let lines = ["WATCH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "CLIENT TRACKING ON BCAST PREFIX"];
    for line in lines {
        let mut rig = Rig::configured("save \"\"\nmaxmemory 10mb\nmaxmemory-clients 1%");
        let client = rig.connect();
        let rounds = (0..20_000).find(|round| {
            rig.send(client, &format!("{line} {round:012}"));
            rig.arrived(client);
            rig.is_closed(client)
        });
        assert!(rounds.is_some_and(|round| round > 100), "{line}: {rounds:?}");
    }
}

#[test]
fn queued_commands_count_until_they_have_run() {
    let mut rig = Rig::configured("save \"\"\nmaxmemory-clients 200kb");
    let client = rig.connect();
    let value = "v".repeat(60_000);
    for _ in 0..3 {
        rig.send(client, "MULTI");
        rig.send(client, &format!("SET key {value}"));
        rig.send(client, "EXEC");
    }
    rig.arrived(client);
    assert!(!rig.is_closed(client));
    rig.send(client, "MULTI");
    for _ in 0..4 {
        rig.send(client, &format!("SET key {value}"));
    }
    assert!(rig.is_closed(client));
}
