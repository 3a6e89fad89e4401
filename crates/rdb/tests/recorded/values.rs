//! Values in a database, as the encoder takes them.

use keyspace::{Db, Expiry, Item, Key, Value};

const SEED: u64 = 1;

/// Shows a value to `f` as what the key `key` holds.
pub fn with_item<R>(key: &[u8], value: Value, expiry_ms: Option<i64>, f: impl FnOnce(&Item<'_>) -> R) -> R {
    let mut db = Db::new(SEED);
    let key = Key::new(key, SEED);
    let expiry = expiry_ms.map_or(Expiry::Never, Expiry::At);
    let (place, _) = db.put_value(&key, None, value, expiry, 0);
    f(&db.item(place))
}
