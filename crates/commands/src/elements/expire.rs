//! Saying when elements expire: HEXPIRE and its relatives.

use super::block::{moment, names};
use super::{Elements, lapse};
use crate::expiry::Measure;
use command::Flag::{Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Cx, Done, Error, KeySpec, Open, Replicate, Reply, Result, Spec};

/// What all that say when elements expire declare.
pub(crate) const SETTING: Spec = Spec {
    arity: -6,
    flags: &[Write, Fast],
    keys: &[KeySpec::one(1, &[ReadWrite, Update])],
    replicate: Replicate::Outcome,
    ..Spec::DEFAULT
};

/// What is answered for each element.
const NONE_SUCH: i64 = -2;
const REFUSED: i64 = 0;
const SET: i64 = 1;
const REMOVED: i64 = 2;

/// When an element's expiry may be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Always,
    /// NX: only if it doesn't expire.
    Absent,
    /// XX: only if it expires.
    Present,
    /// GT: only to a later moment; an element that doesn't expire lives longest.
    Later,
    /// LT: only to an earlier one.
    Earlier,
}

impl Condition {
    fn read(args: &mut Args<'_>) -> Condition {
        const WORDS: [(&str, Condition); 4] = [
            ("NX", Condition::Absent),
            ("XX", Condition::Present),
            ("GT", Condition::Later),
            ("LT", Condition::Earlier),
        ];
        let read = WORDS.into_iter().find(|(word, _)| args.take(word));
        read.map_or(Condition::Always, |(_, condition)| condition)
    }

    fn allows(self, present_ms: Option<i64>, at_ms: i64) -> bool {
        match self {
            Condition::Always => true,
            Condition::Absent => present_ms.is_none(),
            Condition::Present => present_ms.is_some(),
            Condition::Later => present_ms.is_some_and(|present| at_ms > present),
            Condition::Earlier => present_ms.is_none_or(|present| at_ms < present),
        }
    }
}

/// The handler of HEXPIRE and all its relatives: `key time [NX | XX | GT | LT] FIELDS numfields field [field ...]`.
pub(crate) fn expire<T: Elements>(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    measure: Measure,
    command: &str,
) -> Result<Done> {
    let (key, now, limits) = (args.key()?, cx.now, cx.limits);
    let mut open = cx.slot(key).open::<T>()?;
    let at_ms = moment(args.bytes()?, measure, now, command)?;
    let condition = Condition::read(args);
    let names = names::<T>(args, || {
        let noun = T::NOUN;
        let capital = noun[..1].to_ascii_uppercase();
        Error::with(format!("ERR Parameter `num{capital}{}s` should be greater than 0", &noun[1..]))
    })?;
    let mut answers = reply.array(names.len());
    let Some(open) = &mut open else {
        names.for_each(|_| answers.int(NONE_SUCH));
        return Ok(answers.done());
    };
    lapse(open, names.clone());
    open.await_expiry();
    let over = open.is_over(at_ms);
    let mut changed = Vec::new();
    for name in names {
        let answer = match open.find_expiry(name) {
            None => NONE_SUCH,
            Some(expiry_ms) if !condition.allows(expiry_ms, at_ms) => REFUSED,
            Some(_) if over => REMOVED,
            Some(_) => SET,
        };
        match answer {
            SET => drop(Elements::set_expiry(&mut **open, name, Some(at_ms), limits)),
            REMOVED => drop(Elements::remove(&mut **open, name)),
            _ => {}
        }
        if matches!(answer, SET | REMOVED) {
            changed.push(name);
        }
        answers.int(answer);
    }
    if over {
        removed(open, &changed)
    } else {
        set(open, &changed, at_ms)
    }
    Ok(answers.done())
}

/// Elements have been removed because their new time is over already.
pub(crate) fn removed<T: Elements>(open: &mut Open<'_, '_, T>, names: &[&[u8]]) {
    if names.is_empty() {
        return;
    }
    open.changed_by(names.len(), T::REMOVED);
    open.name_elements(names.iter().copied());
    open.outcome_for(T::REMOVE, &[], names);
}

/// Elements expire at another moment.
pub(crate) fn set<T: Elements>(open: &mut Open<'_, '_, T>, names: &[&[u8]], at_ms: i64) {
    if names.is_empty() {
        return;
    }
    open.changed_by(names.len(), T::EXPIRE);
    open.name_elements(names.iter().copied());
    let (mut at, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
    let options = [at.format(at_ms).as_bytes(), T::BLOCK.as_bytes(), count.format(names.len()).as_bytes()];
    open.outcome_for(T::EXPIRE_AT, &options, names);
}
