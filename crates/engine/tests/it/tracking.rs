//! What client-side caching keeps of clients that have gone.

use crate::rig::{Rig, info};

/// A client that caches keys of its own.
fn caching(rig: &mut Rig, name: usize, keys: usize) -> u64 {
    let client = rig.connect();
    rig.send(client, "HELLO 3");
    rig.send(client, "CLIENT TRACKING ON");
    for key in 0..keys {
        rig.send(client, &format!("MGET shared:{key} own:{name}:{key}"));
    }
    client
}

#[test]
fn clients_that_have_gone_do_not_pile_up() {
    const KEYS: usize = 20;
    let mut rig = Rig::new();
    let asks = rig.connect();
    caching(&mut rig, 0, 10 * KEYS);
    let kept = info(&mut rig, asks, "tracking_total_items");
    assert_eq!(kept, 20 * KEYS as i64);
    for name in 1..100 {
        let client = caching(&mut rig, name, KEYS);
        rig.close(client);
        rig.tick();
        let gone = info(&mut rig, asks, "tracking_total_items") - kept;
        let keys = info(&mut rig, asks, "tracking_total_keys");
        assert!(gone * 8 < keys, "of {keys} keys there are {gone} items of clients that have gone");
    }
}

#[test]
fn nothing_is_left_when_nobody_tracks() {
    let mut rig = Rig::new();
    let asks = rig.connect();
    let clients: Vec<u64> = (0..10).map(|name| caching(&mut rig, name, 10)).collect();
    let ends = clients[0];
    rig.send(ends, "CLIENT TRACKING OFF");
    clients[1..].iter().for_each(|client| rig.close(*client));
    assert_eq!(info(&mut rig, asks, "tracking_clients"), 0);
    rig.tick();
    assert_eq!(info(&mut rig, asks, "tracking_total_items"), 0);
    assert_eq!(info(&mut rig, asks, "tracking_total_keys"), 0);
}
