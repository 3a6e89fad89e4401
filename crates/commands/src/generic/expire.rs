//! Setting when a key expires.

use crate::expiry::{Measure, invalid};
use command::Flag::{Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Slot, Spec,
};

/// EXPIRE
pub(super) const EXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "expire",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Sets in how many seconds a key expires.",
        syntax: "EXPIRE key seconds [NX | XX | GT | LT]",
        arguments_since: &[("condition", "7.0.0")],
        arity: -3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> SET session data
OK
> EXPIRE session 60
(integer) 1
> EXPIRE session 30 GT
(integer) 0
> TTL session
(integer) 60",
        ..Spec::DEFAULT
    },
    |cx, args, reply| expire(cx, args, reply, Measure::SECONDS, "expire"),
);

/// PEXPIRE
pub(super) const PEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "pexpire",
        since: "2.6.0",
        summary: "Sets in how many milliseconds a key expires.",
        syntax: "PEXPIRE key milliseconds [NX | XX | GT | LT]",
        arguments_since: &[("condition", "7.0.0")],
        examples: "\
> SET session data
OK
> PEXPIRE session 1500
(integer) 1
> TTL session
(integer) 2",
        ..EXPIRE.spec
    },
    |cx, args, reply| expire(cx, args, reply, Measure::MILLISECONDS, "pexpire"),
);

/// EXPIREAT
pub(super) const EXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "expireat",
        since: "1.2.0",
        summary: "Sets the second at which a key expires.",
        syntax: "EXPIREAT key unix-time-seconds [NX | XX | GT | LT]",
        arguments_since: &[("condition", "7.0.0")],
        examples: "\
> SET session data
OK
> EXPIREAT session 33177117420
(integer) 1
> EXPIRETIME session
(integer) 33177117420",
        ..EXPIRE.spec
    },
    |cx, args, reply| expire(cx, args, reply, Measure::UNIX_SECONDS, "expireat"),
);

/// PEXPIREAT
pub(super) const PEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "pexpireat",
        since: "2.6.0",
        summary: "Sets the millisecond at which a key expires.",
        syntax: "PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]",
        arguments_since: &[("condition", "7.0.0")],
        examples: "\
> SET session data
OK
> PEXPIREAT session 33177117420000
(integer) 1
> PEXPIRETIME session
(integer) 33177117420000",
        ..EXPIRE.spec
    },
    |cx, args, reply| expire(cx, args, reply, Measure::UNIX_MILLISECONDS, "pexpireat"),
);

/// The conditions of EXPIRE.
#[derive(Default)]
struct Conditions {
    absent: bool,
    present: bool,
    greater: bool,
    less: bool,
}

impl Conditions {
    fn read(args: &mut Args<'_>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        while let Some(word) = args.peek() {
            if args.take("NX") {
                conditions.absent = true;
            } else if args.take("XX") {
                conditions.present = true;
            } else if args.take("GT") {
                conditions.greater = true;
            } else if args.take("LT") {
                conditions.less = true;
            } else {
                return Err(Error::with([b"ERR Unsupported option ", word].concat()));
            }
        }
        conditions.check()
    }

    fn check(self) -> Result<Conditions> {
        const WITH_NX: Error =
            Error::new("ERR NX and XX, GT or LT options at the same time are not compatible");
        const BOTH: Error = Error::new("ERR GT and LT options at the same time are not compatible");
        match self {
            Conditions { absent: true, present, greater, less } if present || greater || less => Err(WITH_NX),
            Conditions { greater: true, less: true, .. } => Err(BOTH),
            _ => Ok(self),
        }
    }

    /// Whether a key that expires at `present_ms` may expire at `at_ms` instead. One without expiry lives longest.
    fn allow(&self, present_ms: Option<i64>, at_ms: i64) -> bool {
        !(self.absent && present_ms.is_some()
            || self.present && present_ms.is_none()
            || self.greater && present_ms.is_none_or(|present| at_ms <= present)
            || self.less && present_ms.is_some_and(|present| at_ms >= present))
    }
}

fn expire(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    measure: Measure,
    name: &str,
) -> Result<Done> {
    let (key, word) = (args.key()?, args.bytes()?);
    let conditions = Conditions::read(args)?;
    let value = base::num::parse_i64(word).ok_or(Error::NOT_AN_INTEGER)?;
    let at_ms = measure.moment_ms(value, cx.now).ok_or_else(|| invalid(name))?;
    let mut slot = cx.slot(key);
    let Some(item) = slot.item() else { return Ok(reply.int(0)) };
    if !conditions.allow(item.expiry_ms(), at_ms) {
        return Ok(reply.int(0));
    }
    if slot.is_over(at_ms) {
        delete(&mut slot);
    } else {
        slot.set_expiry(Some(at_ms), Event::EXPIRE);
        let mut digits = itoa::Buffer::new();
        let at = digits.format(at_ms);
        slot.outcome(&[b"PEXPIREAT", key, at.as_bytes()]);
    }
    Ok(reply.int(1))
}

/// Deletes a key whose new time is over already.
fn delete(slot: &mut Slot<'_, '_>) {
    let lazily = slot.limits().lazy_expire;
    slot.delete(Event::DEL, lazily);
    let verb: &[u8] = if lazily { b"UNLINK" } else { b"DEL" };
    let key = slot.key();
    slot.outcome(&[verb, key]);
}

#[cfg(test)]
mod tests {
    use super::Conditions;

    #[test]
    fn conditions_compare_with_the_present_time() {
        let none = Conditions::default();
        let nx = Conditions { absent: true, ..Conditions::default() };
        let xx = Conditions { present: true, ..Conditions::default() };
        let gt = Conditions { greater: true, ..Conditions::default() };
        let lt = Conditions { less: true, ..Conditions::default() };
        let xx_lt = Conditions { present: true, less: true, ..Conditions::default() };
        // For a key without expiry, and for one that expires at 10: whether 9, 10 and 11 are allowed.
        let cases = [
            (none, [true; 3], [true; 3]),
            (nx, [true; 3], [false; 3]),
            (xx, [false; 3], [true; 3]),
            (gt, [false; 3], [false, false, true]),
            (lt, [true; 3], [true, false, false]),
            (xx_lt, [false; 3], [true, false, false]),
        ];
        for (conditions, without, with) in cases {
            assert_eq!([9, 10, 11].map(|at| conditions.allow(None, at)), without);
            assert_eq!([9, 10, 11].map(|at| conditions.allow(Some(10), at)), with);
        }
    }
}
