//! The background thread that frees large values.

use engine::{Engine, Freer};
use keyspace::Garbage;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

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
        for values in receiver {
            let count: usize = values.iter().map(Garbage::keys).sum();
            drop(values);
            if let Some(engine) = engine.upgrade() {
                engine.stats.lazyfree_pending.fetch_sub(count as i64, Relaxed);
                engine.stats.lazyfreed.fetch_add(count as u64, Relaxed);
            }
        }
    })
}
