//! What workers do though nobody asks for it.

use crate::rig::Rig;

#[test]
fn a_held_shard_is_passed_by_and_looked_at_again() {
    let mut rig = Rig::new();
    let client = rig.connect();
    rig.send(client, "SET a value PX 10");
    rig.send(client, "SET b value PX 10");
    rig.advance_ms(20);
    let engine = rig.engine.clone();
    let keys_of = |key: &[u8]| {
        let shard = engine.shards.lock(engine.shards.shard_of(key));
        shard.dbs().map(|(_, db)| db.len()).sum::<usize>()
    };

    // As a command does that takes long.
    let held = engine.shards.lock(engine.shards.shard_of(b"a"));
    rig.do_duties();
    assert_eq!(keys_of(b"b"), 0);
    drop(held);
    assert_eq!(keys_of(b"a"), 1);

    rig.advance_ms(20);
    rig.do_duties();
    assert_eq!(keys_of(b"a"), 0);
}
