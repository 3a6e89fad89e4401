//! Asking when elements expire, and letting them stay: HTTL, HEXPIRETIME, HPERSIST and their relatives.

use super::block::{names, not_positive};
use super::{Elements, lapse};
use crate::expiry::{From, Measure, Unit};
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Cx, Done, KeySpec, Open, Replicate, Reply, Result, Spec};

const NONE_SUCH: i64 = -2;
const STAYS: i64 = -1;

/// What those that ask declare, given what their relatives that set do.
pub(crate) const fn asking(setting: &Spec) -> Spec {
    const KEYS: &[KeySpec] = &[KeySpec::one(1, &[ReadOnly, Access])];
    Spec { arity: -5, flags: &[Readonly, Fast], keys: KEYS, replicate: Replicate::Never, ..*setting }
}

/// The handler of HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME: `key FIELDS numfields field [field ...]`.
pub(crate) fn ttl<T: Elements>(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    measure: Measure,
) -> Result<Done> {
    let (key, now, from_ms) = (args.key()?, cx.now, cx.alive_from_ms());
    let object = cx.read_object::<T>(key)?;
    let names = names::<T>(args, not_positive::<T>)?;
    let mut answers = reply.array(names.len());
    for name in names {
        let expiry_ms = object.as_ref().and_then(|object| object.find_expiry(name));
        answers.int(match expiry_ms.filter(|at_ms| at_ms.is_none_or(|at| at >= from_ms)) {
            None => NONE_SUCH,
            Some(None) => STAYS,
            Some(Some(at_ms)) => shown(at_ms, measure, now.ms()),
        });
    }
    Ok(answers.done())
}

/// A moment as it is answered: seconds are rounded up.
fn shown(at_ms: i64, measure: Measure, now_ms: i64) -> i64 {
    let ms = if measure.from == From::Now { (at_ms - now_ms).max(0) } else { at_ms };
    if measure.unit == Unit::Seconds { (ms + 999) / 1000 } else { ms }
}

/// The handler of HPERSIST: `key FIELDS numfields field [field ...]`.
pub(crate) fn persist<T: Elements>(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, limits) = (args.key()?, cx.limits);
    let mut open = cx.slot(key).open::<T>()?;
    let names = names::<T>(args, not_positive::<T>)?;
    let mut answers = reply.array(names.len());
    let Some(open) = &mut open else {
        names.for_each(|_| answers.int(NONE_SUCH));
        return Ok(answers.done());
    };
    lapse(open, names.clone());
    let mut changed = Vec::new();
    for name in names {
        answers.int(match open.find_expiry(name) {
            None => NONE_SUCH,
            Some(None) => STAYS,
            Some(Some(_)) => {
                Elements::set_expiry(&mut **open, name, None, limits);
                changed.push(name);
                1
            }
        });
    }
    persisted(open, &changed);
    Ok(answers.done())
}

/// Elements don't expire any more.
pub(crate) fn persisted<T: Elements>(open: &mut Open<'_, '_, T>, names: &[&[u8]]) {
    if names.is_empty() {
        return;
    }
    open.changed_by(names.len(), T::PERSISTED);
    open.name_elements(names.iter().copied());
    let mut count = itoa::Buffer::new();
    open.outcome_for(T::PERSIST, &[T::BLOCK.as_bytes(), count.format(names.len()).as_bytes()], names);
}
