//! What the clients of a run do: drawn from a seed before the run begins, so that a failing plan can be shrunk.

mod arguments;
mod messages;
mod mixed;
mod patterns;
pub(crate) mod structured;
mod text;

use crate::scheduler::Pace;
use crate::server::{Memory, POLICIES, Shape};
use base::prng::Prng;
use engine::Registry;
use keyspace::DbIndex;

/// A word of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// These bytes.
    Text(Vec<u8>),
    /// The id of that client's present connection.
    ClientId(usize),
}

/// One request.
pub type Request = Vec<Word>;

/// What a client does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Sends requests in one piece. `ahead`: without waiting for the replies to those before.
    Send {
        /// The requests.
        requests: Vec<Request>,
        /// Whether to send before earlier requests are answered.
        ahead: bool,
    },
    /// WATCH, GET, MULTI, SET to the sum, EXEC.
    Add {
        /// The key.
        key: Vec<u8>,
        /// How much to add.
        by: i64,
    },
    /// Does nothing for a while.
    Think {
        /// How long.
        us: i64,
    },
    /// Reads nothing for a while, though it goes on sending.
    Doze {
        /// How long.
        us: i64,
    },
    /// Closes the connection, whatever is under way. The next step opens another.
    Disconnect,
    /// CLIENT KILL of another client.
    Kill {
        /// Whom.
        client: usize,
    },
    /// CLIENT UNBLOCK of another client.
    Unblock {
        /// Whom.
        client: usize,
        /// With an error.
        with_error: bool,
    },
    /// CLIENT PAUSE.
    Pause {
        /// How long.
        ms: i64,
        /// All commands, not only those that write.
        all: bool,
    },
    /// CLIENT UNPAUSE.
    Unpause,
    /// Locks all shards and notes what they hold.
    Cut,
}

/// One client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientPlan {
    /// The worker that serves it.
    pub worker: usize,
    /// The database that its connections begin with.
    pub db: DbIndex,
    /// What it does.
    pub steps: Vec<Step>,
}

/// A whole run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The engine.
    pub shape: Shape,
    /// The interleaving.
    pub pace: Pace,
    /// Whether commands were let loose on all keys: then only what holds for any history is checked.
    pub wild: bool,
    /// The clients.
    pub clients: Vec<ClientPlan>,
}

/// What the generators draw from.
pub(crate) struct Draw<'r> {
    pub(crate) rng: Prng,
    pub(crate) registry: &'r Registry,
    pub(crate) clients: usize,
    pub(crate) wild: bool,
    /// All that the run does is to cache, to change what is cached, and to flush it.
    pub(crate) flushed: bool,
    /// All that the run does is to change registers and to listen to their events.
    pub(crate) told: bool,
    /// Some clients monitor: then all requests take the general path.
    pub(crate) monitored: bool,
    /// Numbers that have been given to values, so that each is unique.
    pub(crate) values: u64,
}

impl Draw<'_> {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A value that no other request carries.
    pub(crate) fn unique(&mut self, prefix: &str) -> Vec<u8> {
        self.values += 1;
        format!("{prefix}{}", self.values).into_bytes()
    }

    /// A database that random commands may change. In a run that isn't wild, database 0 belongs to the structured ones.
    pub(crate) fn db(&mut self) -> DbIndex {
        self.rng.below(2) as DbIndex + u32::from(!self.wild)
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.registry.find(name.as_bytes()).is_some()
    }
}

/// What a client does all the time: some need the connection for themselves, since it gets messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Any commands at all.
    Mixes,
    /// Commands that obey laws.
    Obeys,
    /// Caches what it reads.
    Caches,
    /// Changes what others cache, and flushes databases.
    Flushes,
    /// Changes registers, whose events others are told of.
    Sets,
    /// Subscribes and publishes.
    Listens,
    /// Sees what others do.
    Monitors,
}

/// A request of these words.
pub(crate) fn request(words: &[&[u8]]) -> Request {
    words.iter().map(|word| Word::Text(word.to_vec())).collect()
}

impl Plan {
    /// The plan of a seed, over the commands that there are.
    pub fn draw(seed: u64, registry: &Registry) -> Plan {
        let mut rng = Prng::new(seed ^ 0x5eed_0f91_a705);
        let clients = 2 + rng.below(7) as usize;
        let shape = Shape {
            workers: 1 + rng.below(4).min(clients as u64 - 1) as usize,
            shards: 1 << rng.below(6),
            seed: rng.next_u64(),
            memory: None,
        };
        let pace =
            Pace { seed: rng.next_u64(), switch_one_in: 1 << rng.below(5), tick_one_in: 2 << rng.below(5) };
        let wild = rng.below(3) == 0;
        let flushed = !wild && rng.below(8) == 0;
        let told = !wild && !flushed && rng.below(8) == 0;
        let monitored = rng.below(12) == 0;
        let mut draw = Draw { rng, registry, clients, wild, flushed, told, monitored, values: 0 };
        let clients = (0..clients).map(|at| draw.client(at % shape.workers, at == 0)).collect();
        Plan { shape: Shape { memory: draw.memory(), ..shape }, pace, wild, clients }
    }

    /// Steps of all clients.
    pub fn len(&self) -> usize {
        self.clients.iter().map(|client| client.steps.len()).sum()
    }

    /// Whether nobody does anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Draw<'_> {
    /// A limit of memory for some runs. The structured commands of one that isn't wild wouldn't obey their laws.
    fn memory(&mut self) -> Option<Memory> {
        let limited = self.wild && self.one_in(2);
        limited.then(|| Memory { room_bytes: 2 << self.below(16), policy: *self.pick(&POLICIES) })
    }

    fn habit(&mut self) -> Habit {
        match self.below(9) {
            0..=2 if self.monitored => Habit::Monitors,
            _ if self.wild => Habit::Mixes,
            0..=4 if self.flushed => Habit::Caches,
            _ if self.flushed => Habit::Flushes,
            0..=3 if self.told => Habit::Listens,
            _ if self.told => Habit::Sets,
            0..=2 => Habit::Mixes,
            3 | 4 => Habit::Caches,
            5 | 6 => Habit::Listens,
            _ => Habit::Obeys,
        }
    }

    fn client(&mut self, worker: usize, pauses: bool) -> ClientPlan {
        let count = 4 + self.below(28);
        let habit = self.habit();
        let db = if habit == Habit::Mixes { self.db() } else { 0 };
        let step = |draw: &mut Self| match draw.below(20) {
            0 => Step::Think { us: draw.rng.below(30_000) as i64 },
            1 if pauses && draw.one_in(3) => draw.pause(),
            1 => draw.meddle(),
            _ => match habit {
                Habit::Mixes => mixed::step(draw),
                Habit::Obeys => structured::step(draw),
                Habit::Caches => messages::caching_step(draw),
                Habit::Flushes => messages::flushing_step(draw),
                Habit::Sets => structured::registers(draw),
                Habit::Listens => messages::listening_step(draw),
                Habit::Monitors => messages::monitoring_step(draw),
            },
        };
        ClientPlan { worker, db, steps: (0..count).map(|_| step(self)).collect() }
    }

    /// Something that concerns other clients or the connection.
    fn meddle(&mut self) -> Step {
        let client = self.below(self.clients);
        match self.below(16) {
            0..=2 => Step::Disconnect,
            3 => Step::Kill { client },
            4..=8 => Step::Unblock { client, with_error: self.one_in(2) },
            _ => Step::Cut,
        }
    }

    /// One client alone pauses the others: so it is known when no pause is in force.
    fn pause(&mut self) -> Step {
        match self.below(3) {
            0 => Step::Unpause,
            _ => Step::Pause { ms: 1 + self.rng.below(20) as i64, all: self.one_in(2) },
        }
    }
}
