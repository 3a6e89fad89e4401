//! `client-output-buffer-limit`: when a client that doesn't read its replies is disconnected.

use base::bytes;

use crate::number::in_units;
use crate::value::{Origin, Problem, Value, Word, list_items, parse_lenient};

/// The limits of one class of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimit {
    /// Disconnect at once beyond so many bytes; 0 is no limit.
    pub hard_bytes: u64,
    /// Disconnect when so many bytes have been exceeded for `soft_seconds`; 0 is no limit.
    pub soft_bytes: u64,
    /// How long `soft_bytes` may be exceeded.
    pub soft_seconds: u32,
}

/// The limits of every class of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputBufferLimits {
    /// Ordinary clients, also those that monitor.
    pub normal: BufferLimit,
    /// Replicas.
    pub replica: BufferLimit,
    /// Clients with subscriptions.
    pub pubsub: BufferLimit,
}

impl OutputBufferLimits {
    /// The limits of a server without such a line.
    pub(crate) fn standard() -> Self {
        let limit =
            |hard_bytes, soft_bytes, soft_seconds| BufferLimit { hard_bytes, soft_bytes, soft_seconds };
        Self {
            normal: limit(0, 0, 0),
            replica: limit(256 << 20, 64 << 20, 60),
            pubsub: limit(32 << 20, 8 << 20, 60),
        }
    }

    fn class_mut(&mut self, name: &[u8]) -> Option<&mut BufferLimit> {
        match name.to_ascii_lowercase().as_slice() {
            b"normal" => Some(&mut self.normal),
            b"replica" | b"slave" => Some(&mut self.replica),
            b"pubsub" => Some(&mut self.pubsub),
            _ => None,
        }
    }
}

impl BufferLimit {
    fn parse(hard: &[u8], soft: &[u8], seconds: &[u8]) -> Option<Self> {
        Some(Self {
            hard_bytes: bytes::parse_memory(hard)?,
            soft_bytes: bytes::parse_memory(soft)?,
            soft_seconds: u32::try_from(parse_lenient(seconds)?).ok()?,
        })
    }

    fn line(self, class: &str) -> Vec<u8> {
        let (hard, soft) = (in_units(self.hard_bytes.into()), in_units(self.soft_bytes.into()));
        format!("{class} {hard} {soft} {}", self.soft_seconds).into_bytes()
    }
}

impl Value for OutputBufferLimits {
    type Rule = ();

    /// Changes the classes that are named and leaves the others.
    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        let items = list_items(words, origin)?;
        let (groups, []) = items.as_chunks::<4>() else {
            return Err("Wrong number of arguments in buffer limit configuration.".into());
        };
        for [class, hard, soft, seconds] in groups {
            let place = self
                .class_mut(class)
                .ok_or("Invalid client class specified in buffer limit configuration.")?;
            *place = BufferLimit::parse(hard, soft, seconds)
                .ok_or("Error in hard, soft or soft_seconds setting in buffer limit configuration.")?;
        }
        Ok(())
    }

    /// Clients look for the old name of replicas here.
    fn show(&self, (): &()) -> Vec<u8> {
        let classes = [("normal", self.normal), ("slave", self.replica), ("pubsub", self.pubsub)];
        let shown = classes.map(|(class, limit)| {
            format!("{class} {} {} {}", limit.hard_bytes, limit.soft_bytes, limit.soft_seconds)
        });
        shown.join(" ").into_bytes()
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        let classes = [("normal", self.normal), ("replica", self.replica), ("pubsub", self.pubsub)];
        Some(classes.map(|(class, limit)| limit.line(class)).to_vec())
    }

    fn allowed((): &()) -> String {
        "groups of class, hard bytes, soft bytes, soft seconds".into()
    }
}
