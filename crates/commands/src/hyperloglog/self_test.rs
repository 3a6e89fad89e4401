//! PFSELFTEST: whether HyperLogLogs count on this machine as they should.

use command::Flag::Admin;
use command::{Args, Command, Cx, Done, Error, Footprint, Group, Handler, Replicate, Reply, Result, Spec};
use structs::sketch::{self, Form, Registers};

/// PFSELFTEST
pub(super) const PFSELFTEST: Command<Handler> = Command::new(
    Spec {
        name: "pfselftest",
        internal: true,
        group: Group::HyperLogLog,
        since: "2.8.9",
        summary: "Counts random elements and compares the estimates with their number: for tests.",
        complexity: "O(1), with a large constant",
        syntax: "PFSELFTEST",
        arity: 1,
        flags: &[Admin],
        footprint: Footprint::Nothing,
        replicate: Replicate::Never,
        examples: "\
> PFSELFTEST
OK",
        ..Spec::DEFAULT
    },
    pfselftest,
);

/// Elements that are counted.
const ELEMENTS: u64 = 100_000;
/// The standard error of an estimate from 2^14 registers.
const STANDARD_ERROR: f64 = 1.04 / 128.0;

fn pfselftest(cx: &mut Cx<'_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (mut dense, mut either) = (sketch::empty(), sketch::empty());
    sketch::make_dense(&mut dense).map_err(|_| failed("an empty one is corrupt"))?;
    let salt = cx.rng.next_u64();
    let mut checked_at = 1;
    for nth in 1..=ELEMENTS {
        let element = (salt ^ nth).to_le_bytes();
        let changed = sketch::add_dense(&mut dense, &element);
        if sketch::add(&mut either, &element, cx.limits.sparse_sketch_bytes) != Ok(changed) {
            return Err(failed(&format!("forms differ at element {nth}")));
        }
        if nth == checked_at {
            check(&dense, &either, nth)?;
            checked_at *= 10;
        }
    }
    Ok(reply.ok())
}

/// Compares the estimates of both forms after so many elements.
fn check(dense: &[u8], either: &[u8], elements: u64) -> Result<()> {
    let registers = |bytes| Registers::of(bytes).map_err(|_| failed("registers are corrupt"));
    if registers(dense)?.ranks() != registers(either)?.ranks() {
        return Err(failed(&format!("registers of both forms differ after {elements} elements")));
    }
    let estimate = sketch::estimate(dense).map_err(|_| failed("registers are corrupt"))?;
    let allowed = (6.0 * STANDARD_ERROR * elements as f64).ceil() as u64;
    if estimate.abs_diff(elements) > allowed || sketch::form(dense) != Some(Form::Dense) {
        return Err(failed(&format!("Too big error. card:{elements} estimate:{estimate}")));
    }
    Ok(())
}

fn failed(what: &str) -> Error {
    Error::with(format!("TESTFAILED {what}"))
}
