//! The thread that forces the append-only file to the disk each second, so that writing it goes on meanwhile.

use crate::engine::Engine;
use crate::host::Urgency;
use journal::aof::Background;
use journal::disk::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The way to the thread.
pub(super) struct SyncThread {
    files: Sender<Arc<dyn File>>,
    results: Receiver<io::Result<()>>,
}

impl SyncThread {
    /// Starts it; it ends when this is dropped.
    pub(super) fn start(engine: &Arc<Engine>) -> io::Result<SyncThread> {
        let (files, to_sync) = channel::<Arc<dyn File>>();
        let (done, results) = channel();
        let engine_of_thread = engine.clone();
        let work = move || {
            for file in to_sync {
                if done.send(file.sync()).is_err() {
                    return;
                }
                engine_of_thread.aof.wake();
            }
        };
        engine.host.spawn("aof-sync", Urgency::Work, Box::new(work))?;
        Ok(SyncThread { files, results })
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that syncs is gone")
}

impl Background for SyncThread {
    fn begin(&mut self, file: Arc<dyn File>) {
        // Fails only if the thread has panicked, which waiting for the result then tells.
        let _ = self.files.send(file);
    }

    fn result(&mut self) -> Option<io::Result<()>> {
        self.results.try_recv().ok()
    }

    fn wait(&mut self) -> io::Result<()> {
        self.results.recv().unwrap_or_else(|_| Err(gone()))
    }
}
