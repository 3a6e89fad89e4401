//! What a handler may touch: the locked databases, its effects, the Unit's time, a seeded random source, its caller and
//! the limits. Nothing else is in reach.

use crate::effects::Effects;
use crate::error::{Error, Result};
use crate::park::{Shard, Shards};
use crate::slot::Slot;
use base::prng::Prng;
use keyspace::{Db, DbIndex, Item, Key, Ref, Remember, ShardId, Str, Typed};

/// The shards that a Unit has locked.
pub enum Scope<'u> {
    /// Exactly the shard of all its keys.
    One(&'u mut Shard),
    /// Several, ascending.
    Many(Vec<(ShardId, &'u mut Shard)>),
    /// None: shards are locked one after another as they are visited.
    Each,
}

impl Scope<'_> {
    /// The same shards, for a while.
    pub fn reborrow(&mut self) -> Scope<'_> {
        match self {
            Scope::One(shard) => Scope::One(shard),
            Scope::Many(held) => {
                Scope::Many(held.iter_mut().map(|(id, shard)| (*id, &mut **shard)).collect())
            }
            Scope::Each => Scope::Each,
        }
    }
}

/// Where a shard is among those that are held.
#[inline]
fn position(held: &[(ShardId, &mut Shard)], id: ShardId) -> Option<usize> {
    // Who holds all has each at its number.
    match held.get(usize::from(id)) {
        Some((found, _)) if *found == id => Some(usize::from(id)),
        _ => held.binary_search_by_key(&id, |(id, _)| *id).ok(),
    }
}

/// The moment of a Unit; it doesn't move while the Unit runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// Microseconds since the epoch.
    pub us: i64,
}

impl Now {
    /// Milliseconds since the epoch.
    #[inline]
    pub fn ms(self) -> i64 {
        self.us / 1000
    }
}

/// What becomes of a key whose time is over when it is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Expired {
    /// It is removed.
    #[default]
    Removed,
    /// It stays but isn't seen, because nothing may change now. Only for commands that read.
    Hidden,
    /// It is as alive as any: commands from a journal know of its end by a record of its own.
    Seen,
}

/// Who runs the command.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Caller {
    /// CLIENT ID; 0 for the server itself.
    pub client_id: u64,
    /// Whether the command may park: not in a transaction, not in a script.
    pub may_block: bool,
    /// CLIENT NO-TOUCH.
    pub no_touch: bool,
    /// What becomes of keys whose time is over.
    pub expired: Expired,
}

impl Caller {
    /// Keys and elements that expire before this moment, in milliseconds since the epoch, are not to be seen: their time is
    /// over, though they may not have been removed yet.
    #[inline]
    pub fn alive_from_ms(self, now: Now) -> i64 {
        if self.expired == Expired::Seen { i64::MIN } else { now.ms() }
    }

    /// Whether it is a client, and not the server itself that runs what a journal or a primary says.
    pub fn is_client(self) -> bool {
        self.client_id != 0
    }
}

/// What the configuration lets commands do.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How accesses are remembered.
    pub remember: Remember,
    /// `proto-max-bulk-len`: the longest string.
    pub max_string_bytes: usize,
    /// Shape of list nodes.
    pub list: structs::deque::Limits,
    /// Forms of hashes.
    pub hash: structs::fields::Limits,
    /// Forms of sets.
    pub set: structs::fields::Limits,
    /// Shape of sorted sets.
    pub sorted_set: structs::ranked::Limits,
    /// `hll-sparse-max-bytes`: the longest sparse HyperLogLog.
    pub sparse_sketch_bytes: usize,
    /// Size of stream nodes.
    pub stream: structs::stream::BlockLimits,
    /// What new streams remember of their producers.
    pub stream_producers: structs::stream::ProducerLimits,
    /// The version of the RDB format that DUMP writes, from `rdb-version-compat`.
    pub rdb_version: u16,
    /// `rdbcompression`.
    pub rdb_compression: bool,
    /// Whether RESTORE takes payloads of unknown versions, from `rdb-version-check`.
    pub any_rdb_version: bool,
    /// Whether RESTORE takes payloads whose checksum is wrong, for tests.
    pub any_rdb_checksum: bool,
    /// `databases`.
    pub databases: u32,
    /// Lazy freeing: `lazyfree-lazy-eviction`.
    pub lazy_eviction: bool,
    /// `lazyfree-lazy-user-del`.
    pub lazy_user_del: bool,
    /// `lazyfree-lazy-server-del`.
    pub lazy_server_del: bool,
    /// `lazyfree-lazy-expire`.
    pub lazy_expire: bool,
    /// `lazyfree-lazy-user-flush`.
    pub lazy_user_flush: bool,
}

impl Default for Limits {
    /// The defaults of the directives.
    fn default() -> Self {
        Limits {
            remember: Remember::Recency,
            max_string_bytes: 512 << 20,
            list: structs::deque::Limits::default(),
            hash: structs::fields::Limits { rows: 512, ..structs::fields::Limits::default() },
            set: structs::fields::Limits::default(),
            sorted_set: structs::ranked::Limits::default(),
            sparse_sketch_bytes: 3000,
            stream: structs::stream::BlockLimits::default(),
            stream_producers: structs::stream::ProducerLimits { duration_s: 100, entries: 100 },
            rdb_version: 11,
            rdb_compression: true,
            any_rdb_version: false,
            any_rdb_checksum: false,
            databases: 16,
            lazy_eviction: false,
            lazy_user_del: false,
            lazy_server_del: false,
            lazy_expire: false,
            lazy_user_flush: false,
        }
    }
}

/// What a handler may touch.
pub struct Cx<'u> {
    /// The locked shards.
    pub scope: Scope<'u>,
    /// All shards, for the way from a key to its shard.
    pub shards: &'u Shards,
    /// The caller's database.
    pub db: DbIndex,
    /// What the Unit leaves behind.
    pub effects: &'u mut Effects,
    /// The Unit's moment.
    pub now: Now,
    /// Randomness.
    pub rng: &'u mut Prng,
    /// Who runs the command.
    pub caller: Caller,
    /// What the configuration allows.
    pub limits: &'u Limits,
}

impl<'u> Cx<'u> {
    /// A key with its hash.
    #[inline]
    pub fn key<'k>(&self, bytes: &'k [u8]) -> Key<'k> {
        self.shards.key(bytes)
    }

    /// The locked shard of a key.
    ///
    /// # Panics
    /// If the Unit doesn't hold it: its footprint and its handler disagree.
    #[inline]
    pub fn shard(&mut self, key: &[u8]) -> &mut Shard {
        match &mut self.scope {
            Scope::One(shard) => {
                debug_assert_eq!(shard.id(), self.shards.shard_of(key), "the footprint names the key");
                shard
            }
            Scope::Many(held) => {
                let id = self.shards.shard_of(key);
                let at = position(held, id).expect("the footprint names the key");
                held[at].1
            }
            Scope::Each => panic!("a command over each shard touches no single key"),
        }
    }

    /// Whether the Unit holds the shard of a key.
    pub fn holds(&self, key: &[u8]) -> bool {
        match &self.scope {
            Scope::One(shard) => shard.id() == self.shards.shard_of(key),
            Scope::Many(held) => {
                let id = self.shards.shard_of(key);
                held.binary_search_by_key(&id, |(id, _)| *id).is_ok()
            }
            Scope::Each => false,
        }
    }

    /// Visits one shard: the held one, or, for a command over each shard, locking it for the visit.
    pub fn visit<R>(&mut self, id: ShardId, visit: impl FnOnce(&mut Shard, &mut Effects) -> R) -> R {
        match &mut self.scope {
            Scope::One(shard) => {
                debug_assert_eq!(self.shards.count(), 1, "a command over each shard holds all or none");
                visit(shard, self.effects)
            }
            Scope::Many(held) => {
                let at = position(held, id).expect("all shards are held");
                visit(held[at].1, self.effects)
            }
            Scope::Each => visit(&mut self.shards.lock(id), self.effects),
        }
    }

    /// Runs `act` with the shard of one key: the held one, or, for a command over each shard, locking it meanwhile.
    pub fn within<R>(&mut self, key: &[u8], act: impl FnOnce(&mut Cx<'_>) -> R) -> R {
        let id = self.shards.shard_of(key);
        let mut guard;
        let shard = match &mut self.scope {
            Scope::One(shard) => &mut **shard,
            Scope::Many(held) => {
                let at = position(held, id).expect("all shards are held");
                &mut *held[at].1
            }
            Scope::Each => {
                guard = self.shards.lock(id);
                &mut *guard
            }
        };
        act(&mut Cx {
            scope: Scope::One(shard),
            shards: self.shards,
            db: self.db,
            effects: self.effects,
            now: self.now,
            rng: self.rng,
            caller: self.caller,
            limits: self.limits,
        })
    }

    /// A key opened for reading or writing: see [`Slot`]. Its expiry has been looked at, nothing else has happened.
    #[inline]
    pub fn slot<'c, 'k>(&'c mut self, key: &'k [u8]) -> Slot<'c, 'k> {
        let (db, now, limits, caller) = (self.db, self.now, self.limits, self.caller);
        self.slot_with(db, key, now, limits, caller)
    }

    /// As [`Cx::slot`], in another database.
    pub fn slot_in<'c, 'k>(&'c mut self, db: DbIndex, key: &'k [u8]) -> Slot<'c, 'k> {
        let (now, limits, caller) = (self.now, self.limits, self.caller);
        self.slot_with(db, key, now, limits, caller)
    }

    #[inline]
    fn slot_with<'c, 'k>(
        &'c mut self,
        db: DbIndex,
        key: &'k [u8],
        now: Now,
        limits: &'c Limits,
        caller: Caller,
    ) -> Slot<'c, 'k> {
        let key = self.key(key);
        let shard = match &mut self.scope {
            Scope::One(shard) => {
                debug_assert_eq!(shard.id(), self.shards.shard_of(key.bytes), "the footprint names the key");
                &mut **shard
            }
            Scope::Many(held) => {
                let id = self.shards.shard_of(key.bytes);
                let at = position(held, id).expect("the footprint names the key");
                &mut *held[at].1
            }
            Scope::Each => panic!("a command over each shard touches no single key"),
        };
        Slot::new(shard, self.effects, self.rng, db, key, now, limits, caller)
    }

    /// Asks the processor to load what reading these keys will touch: all buckets, then all entries. For some dozens of
    /// keys at a time, in shards that are held.
    pub fn prefetch<'k>(&self, keys: impl Iterator<Item = &'k [u8]>) {
        let Scope::Many(held) = &self.scope else { return };
        let find = |key| {
            let at = position(held, self.shards.shard_of(key))?;
            Some((held[at].1.db(self.db), self.shards.key(key).hash))
        };
        let found: Vec<(&Db, u64)> = keys.filter_map(find).collect();
        found.iter().for_each(|(db, hash)| db.prefetch_bucket(*hash));
        found.iter().for_each(|(db, hash)| db.prefetch_entry(*hash));
    }

    /// The key's value for reading: counts as a use, hit or miss. Expired keys are gone.
    #[inline]
    pub fn read(&mut self, key: &[u8]) -> Option<Item<'_>> {
        // The common case, a live key in the only shard, needs no slot.
        let Some(place) = self.live_in_only_shard(key) else { return self.slot(key).into_read() };
        let Scope::One(shard) = &self.scope else { unreachable!("the place is in the only shard") };
        self.effects.tally.hits += 1;
        let item = shard.db(self.db).item(place);
        if !self.caller.no_touch {
            let (rng, remember) = (&mut *self.rng, self.limits.remember);
            item.set_access(remember.used(item.access(), self.now.ms(), || rng.next_u64()));
        }
        Some(item)
    }

    #[inline]
    fn live_in_only_shard(&self, key: &[u8]) -> Option<keyspace::Place> {
        let Scope::One(shard) = &self.scope else { return None };
        let db = shard.db(self.db);
        let place = db.find(&self.shards.key(key))?;
        let (item, now_ms) = (db.item(place), self.now.ms());
        (!item.is_expired(now_ms) && !item.has_due_element(now_ms)).then_some(place)
    }

    /// The key's value for reading, counted as a hit or a miss but not as a use: for commands that ask about a key.
    #[inline]
    pub fn find(&mut self, key: &[u8]) -> Option<Item<'_>> {
        let mut slot = self.slot(key);
        slot.count_lookup();
        slot.into_item()
    }

    /// The key's value for looking at it: counts nothing.
    pub fn look(&mut self, key: &[u8]) -> Option<Item<'_>> {
        self.slot(key).into_item()
    }

    /// As [`Caller::alive_from_ms`].
    #[inline]
    pub fn alive_from_ms(&self) -> i64 {
        self.caller.alive_from_ms(self.now)
    }

    /// The value of a key that has been opened by this Unit: looks again, without counting or removing anything, so that
    /// several keys can be looked at together.
    pub fn peek(&self, key: &[u8]) -> Option<Item<'_>> {
        let shard: &Shard = match &self.scope {
            Scope::One(shard) => shard,
            Scope::Many(held) => {
                let id = self.shards.shard_of(key);
                held[position(held, id).expect("the footprint names the key")].1
            }
            Scope::Each => panic!("a command over each shard touches no single key"),
        };
        let db = shard.db(self.db);
        let item = db.item(db.find(&self.shards.key(key))?);
        (!item.is_expired(self.alive_from_ms())).then_some(item)
    }

    /// The string that the key holds.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    #[inline]
    pub fn read_string(&mut self, key: &[u8]) -> Result<Option<Str<'_>>> {
        match self.read(key) {
            None => Ok(None),
            Some(item) => item.string().map(Some).ok_or(Error::WRONG_TYPE),
        }
    }

    /// The object that the key holds, for looking at it: counts nothing.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    pub fn look_object<T: Typed>(&mut self, key: &[u8]) -> Result<Option<Ref<'_, T>>> {
        match self.look(key) {
            None => Ok(None),
            Some(item) => item.object::<T>().map(Some).ok_or(Error::WRONG_TYPE),
        }
    }

    /// The object that the key holds, for reading.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    #[inline]
    pub fn read_object<T: Typed>(&mut self, key: &[u8]) -> Result<Option<Ref<'_, T>>> {
        match self.read(key) {
            None => Ok(None),
            Some(item) => item.object::<T>().map(Some).ok_or(Error::WRONG_TYPE),
        }
    }

    /// Says how the running command is to be recorded, in place of its own words.
    pub fn outcome(&mut self, words: &[&[u8]]) {
        self.effects.outcome(self.db, words);
    }
}
