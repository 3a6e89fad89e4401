//! The background thread that frees large values, and gives unused memory back to the system.

use crate::crash_signals::guard_thread;
use engine::{Engine, Freer};
use keyspace::Garbage;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often to look whether memory is resident that nobody uses.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So much more of it than the allocator kept last time is given back.
const UNUSED_MIN_BYTES: u64 = 64 << 20;

/// The sending half: values go to the thread that [`run`] started.
pub(crate) struct BackgroundFreer {
    values: Sender<Vec<Garbage>>,
}

/// The way to the background thread, and what it will receive.
pub(crate) fn channel_to_freer() -> (BackgroundFreer, Receiver<Vec<Garbage>>) {
    let (values, receiver) = channel();
    (BackgroundFreer { values }, receiver)
}

impl Freer for BackgroundFreer {
    fn free(&self, values: Vec<Garbage>) {
        // The thread is gone only when the process ends: then the values are freed here.
        let _ = self.values.send(values);
    }
}

/// Starts the thread. It ends when the engine, which holds the sending half, is dropped.
pub(crate) fn run(receiver: Receiver<Vec<Garbage>>, engine: &Arc<Engine>) -> std::io::Result<JoinHandle<()>> {
    let engine: Weak<Engine> = Arc::downgrade(engine);
    std::thread::Builder::new().name("lazyfree".into()).spawn(move || {
        let _signals = guard_thread();
        let mut kept_bytes = 0;
        loop {
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok(values) => free(values, &engine),
                Err(RecvTimeoutError::Timeout) => kept_bytes = give_back(&engine, kept_bytes),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    })
}

fn free(values: Vec<Garbage>, engine: &Weak<Engine>) {
    let count: usize = values.iter().map(Garbage::keys).sum();
    drop(values);
    if let Some(engine) = engine.upgrade() {
        engine.stats.lazyfree_pending.fetch_sub(count as i64, Relaxed);
        engine.stats.lazyfreed.fetch_add(count as u64, Relaxed);
    }
}

/// Gives memory back if much more is unused than the allocator kept last time; answers what it keeps. Left to itself
/// the allocator would keep what a request of hundreds of megabytes came in until somebody allocates again.
fn give_back(engine: &Weak<Engine>, kept_bytes: u64) -> u64 {
    let Some(engine) = engine.upgrade() else { return kept_bytes };
    let unused_bytes = || engine.host.facts().resident_bytes.saturating_sub(engine.sampler.last_used_bytes());
    let unused = unused_bytes();
    if unused < kept_bytes.saturating_add(UNUSED_MIN_BYTES) {
        return kept_bytes.min(unused);
    }
    engine.host.purge_memory();
    unused_bytes()
}
