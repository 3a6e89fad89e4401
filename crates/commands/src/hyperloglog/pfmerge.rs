//! PFMERGE: one HyperLogLog of several.

use super::{CHANGED, CORRUPT, Sketch};
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{Access, Insert, ReadOnly, ReadWrite};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::sketch::{self, Form, Registers};

/// PFMERGE
pub(super) const PFMERGE: Command<Handler> = Command::new(
    Spec {
        name: "pfmerge",
        group: Group::HyperLogLog,
        since: "2.8.9",
        summary: "Tells a HyperLogLog of all that others have been told of, creating it if needed.",
        complexity: "O(N), N being the number of HyperLogLogs, with a large constant",
        syntax: "PFMERGE destkey [sourcekey [sourcekey ...]]",
        arity: -2,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Insert]), KeySpec::range(2, -1, 1, &[ReadOnly, Access])],
        examples: "\
> PFADD monday ann bob
(integer) 1
> PFADD tuesday bob eve
(integer) 1
> PFMERGE week monday tuesday
OK
> PFCOUNT week
(integer) 3",
        ..Spec::DEFAULT
    },
    pfmerge,
);

fn pfmerge(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let destination = args.peek().unwrap_or_default();
    let (mut registers, mut dense) = (Registers::default(), false);
    for key in args.rest() {
        if let Some(value) = cx.read_string(key)? {
            let sketch = Sketch::of(value)?;
            dense |= sketch.form == Form::Dense;
            registers.merge(sketch.bytes).map_err(|_| CORRUPT)?;
        }
    }
    let sparse_bytes = cx.limits.sparse_sketch_bytes;
    let slot = cx.slot(destination);
    let present = slot.string()?.map(Sketch::of).transpose()?;
    let mut bytes = present.map_or_else(sketch::empty, |sketch| sketch.bytes.to_vec());
    registers.raise(&mut bytes, dense, sparse_bytes).map_err(|_| CORRUPT)?;
    let mut string = slot.open_text(0)?;
    string.replace(&bytes);
    string.changed_by(1, CHANGED);
    Ok(reply.ok())
}
