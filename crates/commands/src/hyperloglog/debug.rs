//! PFDEBUG: looking into a HyperLogLog.

use super::{CORRUPT, Sketch};
use command::Flag::{Admin, DenyOom, Write};
use command::KeyFlag::{Access, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Slot, Spec};
use structs::sketch::{self, Form, Registers};

/// PFDEBUG
pub(super) const PFDEBUG: Command<Handler> = Command::new(
    Spec {
        name: "pfdebug",
        internal: true,
        group: Group::HyperLogLog,
        since: "2.8.9",
        summary: "Shows the registers of a HyperLogLog or its form, or makes it dense: for tests.",
        complexity: "O(N), N being the number of registers",
        syntax: "PFDEBUG subcommand key",
        arity: 3,
        flags: &[Write, DenyOom, Admin],
        keys: &[KeySpec::one(2, &[ReadWrite, Access])],
        examples: "\
> PFADD visitors ann
(integer) 1
> PFDEBUG ENCODING visitors
sparse
> PFDEBUG DECODE visitors
\"Z:10757 v:1,1 Z:5626\"
> PFDEBUG TODENSE visitors
(integer) 1",
        ..Spec::DEFAULT
    },
    pfdebug,
);

fn pfdebug(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (subcommand, key) = (args.bytes()?, args.key()?);
    let slot = cx.slot(key);
    let value = slot.string()?.ok_or(Error::new("ERR The specified key does not exist"))?;
    let Sketch { bytes, form } = Sketch::of(value)?;
    match subcommand.to_ascii_lowercase().as_slice() {
        b"getreg" => {
            let registers = Registers::of(bytes).map_err(|_| CORRUPT)?;
            make_dense(bytes.to_vec(), slot)?;
            let mut ranks = reply.array(registers.ranks().len());
            registers.ranks().iter().for_each(|rank| ranks.int(i64::from(*rank)));
            Ok(ranks.done())
        }
        b"decode" if form == Form::Dense => Err(Error::new("ERR HLL encoding is not sparse")),
        b"decode" => Ok(reply.bulk(sketch::describe_runs(bytes).map_err(|_| CORRUPT)?.as_bytes())),
        b"encoding" => Ok(reply.simple(if form == Form::Dense { "dense" } else { "sparse" })),
        b"todense" => {
            make_dense(bytes.to_vec(), slot)?;
            Ok(reply.flag(form == Form::Sparse))
        }
        _ => {
            let shown = [b"ERR Unknown PFDEBUG subcommand '", subcommand, b"'"].concat();
            Err(Error::with(shown))
        }
    }
}

/// Makes the HyperLogLog that a key holds dense, unless it is.
fn make_dense(mut bytes: Vec<u8>, slot: Slot<'_, '_>) -> Result<()> {
    if sketch::form(&bytes) == Some(Form::Sparse) {
        sketch::make_dense(&mut bytes).map_err(|_| CORRUPT)?;
        let mut string = slot.open_text(0)?;
        string.replace(&bytes);
        string.changed_unseen(1);
    }
    Ok(())
}
