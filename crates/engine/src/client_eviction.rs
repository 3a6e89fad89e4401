//! Eviction of clients: when all of them together hold more memory than `maxmemory-clients` allows, those that hold the
//! most are closed.
//!
//! The sum is kept up to date by the workers, each of which weighs a client of its own again after every request and
//! every piece of output, as long as there is a limit. Nobody weighs where there is none.

use crate::client::Client;
use crate::engine::Engine;
use crate::host::Level;
use crate::worker::Worker;
use parking_lot::{Mutex, MutexGuard};
use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// How much longer than a search that found too little to evict the next one waits.
const SEARCH_AGAIN_AFTER: u64 = 100;

/// What the clients hold together.
#[derive(Default)]
pub struct ClientWeights {
    /// The sum of [`Client::weight`].
    sum_bytes: AtomicU64,
    /// No search for clients to evict before this moment, as the last one found too few.
    search_again_at_ns: AtomicU64,
    /// Held by who searches: one at a time.
    searching: Mutex<()>,
}

impl ClientWeights {
    /// Enters what a client holds now. Of one that has been killed nothing counts any more.
    pub(crate) fn weigh(&self, client: &Client) {
        self.enter(client, if client.killed.load(Relaxed) { 0 } else { client.memory_bytes() });
    }

    /// A client is gone.
    pub(crate) fn forget(&self, client: &Client) {
        self.enter(client, 0);
    }

    fn enter(&self, client: &Client, bytes: u64) {
        let before = client.weight.swap(bytes, Relaxed);
        if bytes != before {
            // Wraps around where it shrinks.
            self.sum_bytes.fetch_add(bytes.wrapping_sub(before), Relaxed);
        }
    }

    fn sum_bytes(&self) -> u64 {
        self.sum_bytes.load(Relaxed)
    }
}

/// The size class of a client that holds so many bytes: clients of one class count as equally large.
fn size_class(bytes: u64) -> u32 {
    /// The smallest and the largest size that are told apart: 32 KiB, 4 GiB.
    const SMALLEST: u32 = 15;
    const LARGEST: u32 = 32;
    bytes.checked_ilog2().unwrap_or(0).clamp(SMALLEST, LARGEST)
}

impl Engine {
    /// Evicts clients until they hold no more than `maxmemory-clients` together: those of the largest size class first, in
    /// it the oldest first, and none that has asked not to be evicted. O(clients), where there are too large ones.
    pub(crate) fn evict_clients(&self) {
        let limit_bytes = self.settings().client_limit_bytes.unwrap_or(u64::MAX);
        let weights = &self.client_weights;
        let now_ns = self.clock.monotonic_ns();
        if weights.sum_bytes() <= limit_bytes || now_ns < weights.search_again_at_ns.load(Relaxed) {
            return;
        }
        if let Some(alone) = weights.searching.try_lock() {
            self.evict_largest(limit_bytes, &alone);
        }
    }

    fn evict_largest(&self, limit_bytes: u64, _alone: &MutexGuard<'_, ()>) {
        let (weights, start_ns) = (&self.client_weights, self.clock.monotonic_ns());
        let mut candidates = self.clients.all();
        candidates.retain(|client| !client.no_evict.load(Relaxed));
        candidates.sort_by_key(|client| Reverse(size_class(client.weight.load(Relaxed))));
        for client in candidates {
            if weights.sum_bytes() <= limit_bytes {
                return;
            }
            self.evict_client(&client);
        }
        let end_ns = self.clock.monotonic_ns();
        let pause_ns = end_ns.saturating_sub(start_ns).saturating_mul(SEARCH_AGAIN_AFTER);
        weights.search_again_at_ns.store(end_ns.saturating_add(pause_ns), Relaxed);
    }

    /// As [`Engine::evict_clients`], where keys would have to go else: what is about to be sent to clients counts too, which
    /// is left out otherwise. Answers whether somebody else is at it. O(clients), where they held too much when they were
    /// looked at last.
    pub(crate) fn evict_clients_before_keys(&self) -> bool {
        let limit_bytes = self.settings().client_limit_bytes.unwrap_or(u64::MAX);
        let may_search = self.clock.monotonic_ns() >= self.client_weights.search_again_at_ns.load(Relaxed);
        if !may_search || self.sampler.client_bytes() <= limit_bytes {
            return false;
        }
        let Some(alone) = self.client_weights.searching.try_lock() else { return true };
        self.clients.all().iter().for_each(|client| self.client_weights.weigh(client));
        let sum_bytes = self.client_weights.sum_bytes();
        self.sampler.note_client_bytes(sum_bytes);
        if sum_bytes > limit_bytes {
            self.evict_largest(limit_bytes, &alone);
        }
        false
    }

    fn evict_client(&self, client: &Arc<Client>) {
        if self.kill(client.id) {
            let (bytes, peer) = (client.weight.load(Relaxed), client.peer.remote());
            self.client_weights.forget(client);
            self.stats.evicted_clients.fetch_add(1, Relaxed);
            self.host
                .log(Level::Notice, &format!("Evicting client id={} addr={peer} tot-mem={bytes}", client.id));
        }
    }

    /// Weighs all clients and evicts what is too much: the limit may be new.
    pub(crate) fn limit_clients(&self) {
        if self.settings().client_limit_bytes.is_some() {
            for client in self.clients.all() {
                self.client_weights.weigh(&client);
                // It may have gone meanwhile, and have been forgotten before it was weighed.
                if self.clients.get(client.id).is_none() {
                    self.client_weights.forget(&client);
                }
            }
            self.client_weights.search_again_at_ns.store(0, Relaxed);
            self.evict_clients();
        }
    }
}

impl Worker {
    /// Enters what a client of this worker holds now, if the clients' memory is limited.
    #[inline]
    pub fn weigh_client(&self, client: &Client) {
        if self.settings.client_limit_bytes.is_some() {
            self.engine.client_weights.weigh(client);
        }
    }

    /// Evicts clients if they hold too much. Called at the end of a turn, when those are gone that had to go anyway.
    #[inline]
    pub fn evict_clients(&self) {
        if self
            .settings
            .client_limit_bytes
            .is_some_and(|limit| self.engine.client_weights.sum_bytes() > limit)
        {
            self.engine.evict_clients();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_apart_by_powers_of_two() {
        let classes = [0, 1, 32 << 10, 64 << 10, 65 << 10, 127 << 10, 128 << 10, u64::MAX].map(size_class);
        assert_eq!(classes, [15, 15, 15, 16, 16, 16, 17, 32]);
    }
}
