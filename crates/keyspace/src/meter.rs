//! What all shards hold together, kept only while somebody asks: whoever lets go of a shard enters what has changed.
//!
//! Summing up a thousand shards takes longer than a command, and one shared sum that every change writes would slow many
//! cores down. So a shard's changes are entered once they exceed a quantum: the sum is wrong by at most that much per
//! shard, and the cores meet in it rarely.

use crate::shard::Shard;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

/// The quantum of a meter that doesn't run.
const STOPPED: i64 = -1;

/// What one shard holds, as the meter knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Load {
    /// Bytes of entries, values, tables, expiry indexes and tracked keys.
    pub(crate) bytes: usize,
    /// Whether there is a key.
    pub(crate) occupied: bool,
    /// Whether there is a key with a time to live.
    pub(crate) expiring: bool,
}

/// On a cache line of its own: the quantum beside it is read with every lock.
#[repr(align(64))]
#[derive(Default)]
struct Sums {
    bytes: AtomicI64,
    occupied: AtomicI64,
    expiring: AtomicI64,
}

/// The sums over all shards.
pub struct Meter {
    quantum_bytes: AtomicI64,
    sums: Sums,
}

impl Default for Meter {
    fn default() -> Self {
        Meter { quantum_bytes: AtomicI64::new(STOPPED), sums: Sums::default() }
    }
}

impl Meter {
    /// Whether changes are entered.
    #[inline]
    pub fn is_running(&self) -> bool {
        self.quantum_bytes.load(Relaxed) != STOPPED
    }

    /// The quantum, if the meter runs.
    pub fn quantum_bytes(&self) -> Option<u32> {
        u32::try_from(self.quantum_bytes.load(Relaxed)).ok()
    }

    /// Lets changes up to `quantum_bytes` wait from now on, or, with none, enters nothing more. Answers whether the meter
    /// ran before: if not, only changes from now on are entered until each shard has been locked once.
    pub(crate) fn set_quantum(&self, quantum_bytes: Option<u32>) -> bool {
        self.quantum_bytes.swap(quantum_bytes.map_or(STOPPED, i64::from), Relaxed) != STOPPED
    }

    /// Bytes of all entries, values, tables and expiry indexes; short or over by a quantum per shard.
    #[inline]
    pub fn bytes(&self) -> u64 {
        self.sums.bytes.load(Relaxed).max(0) as u64
    }

    /// Whether there is a key anywhere.
    pub fn has_keys(&self) -> bool {
        self.sums.occupied.load(Relaxed) > 0
    }

    /// Whether there is a key with a time to live anywhere.
    pub fn has_expiring(&self) -> bool {
        self.sums.expiring.load(Relaxed) > 0
    }

    /// Enters what has changed in a shard, if the meter runs. The caller is about to let go of it.
    #[inline]
    pub(crate) fn enter<W>(&self, shard: &mut Shard<W>) {
        let quantum_bytes = self.quantum_bytes.load(Relaxed);
        if quantum_bytes != STOPPED {
            self.enter_beyond(quantum_bytes, shard);
        }
    }

    fn enter_beyond<W>(&self, quantum_bytes: i64, shard: &mut Shard<W>) {
        let (old, new) = (shard.metered, shard.load());
        let grown_bytes = new.bytes as i64 - old.bytes as i64;
        if grown_bytes.abs() > quantum_bytes {
            self.sums.bytes.fetch_add(grown_bytes, Relaxed);
            shard.metered.bytes = new.bytes;
        }
        count(&self.sums.occupied, &mut shard.metered.occupied, new.occupied);
        count(&self.sums.expiring, &mut shard.metered.expiring, new.expiring);
    }
}

/// Counts a shard that has become one of those counted, or has ceased to be.
#[inline]
fn count(sum: &AtomicI64, known: &mut bool, is: bool) {
    if *known != is {
        *known = is;
        sum.fetch_add(if is { 1 } else { -1 }, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Expiry, Shards};

    fn put(shards: &Shards<()>, db: u32, key: &[u8], value: &[u8], expiry: Expiry) {
        let key = shards.key(key);
        let mut shard = shards.lock(shards.shard_of(key.bytes));
        let place = shard.db(db).find(&key);
        shard.db_mut(db).put_string(&key, place, value, expiry, 0);
    }

    fn remove(shards: &Shards<()>, db: u32, key: &[u8]) {
        let key = shards.key(key);
        let mut shard = shards.lock(shards.shard_of(key.bytes));
        let place = shard.db(db).find(&key).expect("the key is there");
        shard.db_mut(db).remove(&key, place);
    }

    fn sum(shards: &Shards<()>) -> u64 {
        let of = |id| shards.lock(id).dbs().map(|(_, db)| db.all_bytes()).sum::<usize>();
        shards.ids().map(of).sum::<usize>() as u64
    }

    #[test]
    fn without_a_quantum_the_sums_are_exact() {
        let shards = Shards::<()>::new(8, 1, None);
        put(&shards, 0, b"early", b"value", Expiry::Never);
        assert_eq!(shards.meter().bytes(), 0, "nobody has asked yet");
        shards.start_meter(0);
        assert_eq!(shards.meter().bytes(), sum(&shards));
        for number in 0..100u8 {
            put(
                &shards,
                u32::from(number % 3),
                &[number],
                &vec![b'x'; 9 * usize::from(number)],
                Expiry::Never,
            );
        }
        put(&shards, 2, b"short", b"life", Expiry::At(5));
        assert_eq!(shards.meter().bytes(), sum(&shards));
        assert!(shards.meter().has_keys() && shards.meter().has_expiring());
        remove(&shards, 2, b"short");
        assert!(shards.meter().has_keys() && !shards.meter().has_expiring());
        (0..100).for_each(|number| remove(&shards, u32::from(number % 3), &[number]));
        remove(&shards, 0, b"early");
        assert!(!shards.meter().has_keys());
        assert_eq!(shards.meter().bytes(), sum(&shards));
    }

    #[test]
    fn a_quantum_bounds_the_error() {
        let shards = Shards::<()>::new(4, 1, None);
        shards.start_meter(1000);
        for number in 0..2000u32 {
            put(&shards, 0, &number.to_le_bytes(), b"value", Expiry::Never);
            assert!(shards.meter().bytes().abs_diff(sum(&shards)) <= 4 * 1000);
        }
        shards.stop_meter();
        (0..2000u32).for_each(|number| remove(&shards, 0, &number.to_le_bytes()));
        shards.start_meter(0);
        assert_eq!(shards.meter().bytes(), sum(&shards));
    }
}
