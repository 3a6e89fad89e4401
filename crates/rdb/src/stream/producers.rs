//! What a stream remembers of its producers.

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use structs::stream::{ProducerLimits, Stream, StreamId};

/// The limits that Redis gives to streams whose limits nobody set.
const USUAL: ProducerLimits = ProducerLimits { duration_s: 100, entries: 100 };

/// Appends what a stream remembers.
pub(super) fn encode(stream: &Stream, output: &mut Output<'_>) {
    let Some(producers) = stream.producers() else {
        for number in [USUAL.duration_s.into(), USUAL.entries.into(), 0, 0, 0] {
            output.number(number);
        }
        return;
    };
    let limits = producers.limits();
    output.number(limits.duration_s.into());
    output.number(limits.entries.into());
    let entries: Vec<_> = producers.iter().collect();
    let by_producer = || entries.chunk_by(|left, right| left.0 == right.0);
    output.number(by_producer().count() as u64);
    for entries in by_producer() {
        output.text(entries[0].0);
        output.number(entries.len() as u64);
        for (_, name, id) in entries {
            output.text(name);
            output.number(id.ms);
            output.number(id.seq);
        }
    }
    output.number(producers.added());
    output.number(producers.duplicates());
}

/// Reads what a stream is to remember.
pub(super) fn decode(cursor: &mut Cursor<'_>, stream: &mut Stream) -> Result<(), Error> {
    let limits = ProducerLimits { duration_s: limit(cursor)?, entries: limit(cursor)? };
    let count = cursor.count(2)?;
    if count > 0 || limits != USUAL {
        stream.producers_mut(limits);
    }
    for _ in 0..count {
        let producer = cursor.string()?;
        for _ in 0..cursor.count(3)? {
            let name = cursor.string()?;
            let id = StreamId::new(cursor.number()?, cursor.number()?);
            // At this time no id is too old.
            stream.producers_mut(limits).remember(&producer, &name, id, 0);
        }
    }
    let counters = (cursor.number()?, cursor.number()?);
    if counters != (0, 0) || stream.producers().is_some() {
        stream.producers_mut(limits).set_counters(counters.0, counters.1);
    }
    Ok(())
}

fn limit(cursor: &mut Cursor<'_>) -> Result<u32, Error> {
    let start = cursor.at();
    u32::try_from(cursor.number()?).map_err(|_| Error::new(start, Reason::Length))
}
