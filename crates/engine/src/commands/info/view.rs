//! What the rows of INFO look at: figures added up when a row first asks for them.

use crate::engine::Engine;
use crate::figures::{ClientFigures, MemoryFigures, ShardFigures, WorkTotals};
use crate::host::Facts;
use crate::sampler::Rates;
use command::{Cx, Now, Shard};
use config::Config;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

/// The server at the moment of one INFO or MEMORY STATS.
pub(in crate::commands) struct View<'a, 'u> {
    pub(in crate::commands) engine: &'a Engine,
    pub(in crate::commands) config: Arc<Config>,
    pub(in crate::commands) now: Now,
    cx: RefCell<&'a mut Cx<'u>>,
    shards: OnceCell<ShardFigures>,
    clients: OnceCell<ClientFigures>,
    facts: OnceCell<Facts>,
    totals: OnceCell<WorkTotals>,
}

impl<'a, 'u> View<'a, 'u> {
    pub(in crate::commands) fn new(engine: &'a Engine, cx: &'a mut Cx<'u>) -> View<'a, 'u> {
        View {
            engine,
            config: engine.config(),
            now: cx.now,
            cx: RefCell::new(cx),
            shards: OnceCell::new(),
            clients: OnceCell::new(),
            facts: OnceCell::new(),
            totals: OnceCell::new(),
        }
    }

    /// What the shards hold, visited one after another under the command's locks.
    pub(in crate::commands) fn shards(&self) -> &ShardFigures {
        self.shards.get_or_init(|| {
            let mut figures = ShardFigures::default();
            self.visit_shards(|shard| figures.add(shard));
            figures
        })
    }

    /// Shows all shards, one after another under the command's locks.
    pub(in crate::commands) fn visit_shards(&self, mut visit: impl FnMut(&Shard)) {
        let mut cx = self.cx.borrow_mut();
        cx.shards.ids().for_each(|id| cx.visit(id, |shard, _| visit(shard)));
    }

    pub(in crate::commands) fn clients(&self) -> &ClientFigures {
        self.clients.get_or_init(|| ClientFigures::of(self.engine))
    }

    pub(in crate::commands) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| self.engine.host.facts())
    }

    pub(in crate::commands) fn totals(&self) -> &WorkTotals {
        self.totals.get_or_init(|| WorkTotals::of(self.engine))
    }

    pub(in crate::commands) fn rates(&self) -> Rates {
        self.engine.sampler.rates()
    }

    pub(in crate::commands) fn memory(&self) -> MemoryFigures {
        MemoryFigures::new(self.engine, self.shards(), self.clients())
    }

    /// The most memory that was in use so far, now included.
    pub(in crate::commands) fn peak_bytes(&self) -> u64 {
        self.engine.sampler.note_used(self.memory().used_bytes(), self.now.us)
    }

    /// Seconds since the server started.
    pub(in crate::commands) fn uptime_s(&self) -> i64 {
        (self.now.us - self.engine.started_us).max(0) / 1_000_000
    }
}
