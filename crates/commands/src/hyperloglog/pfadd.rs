//! PFADD: telling a HyperLogLog of elements.

use super::{CHANGED, CORRUPT, Sketch};
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Insert, ReadWrite};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Slot, Spec};
use structs::sketch::{self, Form};

/// PFADD
pub(super) const PFADD: Command<Handler> = Command::new(
    Spec {
        name: "pfadd",
        group: Group::HyperLogLog,
        since: "2.8.9",
        summary: "Tells a HyperLogLog of elements, creating it if needed.",
        complexity: "O(N), N being the number of elements",
        syntax: "PFADD key [element [element ...]]",
        arity: -2,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        examples: "\
> PFADD visitors ann bob
(integer) 1
> PFADD visitors bob
(integer) 0
> PFCOUNT visitors
(integer) 2",
        ..Spec::DEFAULT
    },
    pfadd,
);

fn pfadd(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, elements) = (args.key()?, args.rest());
    let sparse_bytes = cx.limits.sparse_sketch_bytes;
    let mut slot = cx.slot(key);
    let sketch = slot.string()?.map(Sketch::of).transpose()?;
    let changes = match sketch {
        // Most of what one is told is no news to it: then it needn't be opened.
        Some(Sketch { bytes, form: Form::Dense })
            if !elements.clone().any(|element| sketch::is_news_to_dense(bytes, element)) =>
        {
            slot.count_use();
            0
        }
        Some(Sketch { form: Form::Dense, .. }) => add_dense(slot, elements)?,
        _ => {
            // One that isn't there begins empty, which is a change.
            let mut changes = usize::from(sketch.is_none());
            let mut bytes = sketch.map_or_else(sketch::empty, |sketch| sketch.bytes.to_vec());
            for element in elements {
                let changed = sketch::add(&mut bytes, element, sparse_bytes).map_err(|_| CORRUPT)?;
                changes += usize::from(changed);
            }
            if changes > 0 {
                let mut string = slot.open_text(0)?;
                string.replace(&bytes);
                string.changed_by(changes, CHANGED);
            }
            changes
        }
    };
    Ok(reply.flag(changes > 0))
}

/// Tells a dense one where it lies; answers how many elements have changed it.
fn add_dense<'e>(slot: Slot<'_, '_>, elements: impl Iterator<Item = &'e [u8]>) -> Result<usize> {
    let mut string = slot.open_text(0)?;
    let len = string.bytes().len();
    let bytes = string.edit(0..len);
    let changes = elements.filter(|element| sketch::add_dense(bytes, element)).count();
    if changes > 0 {
        sketch::mark_stale(bytes);
        string.changed_by(changes, CHANGED);
    }
    Ok(changes)
}
