//! INCREX: an addition within bounds that sets the time to live in the same step.

use super::incr::{INCRBY_EVENT, INCRBYFLOAT_EVENT, integer, number};
use super::{delete, is_past, record};
use crate::expiry::Ttl;
use base::longdouble::LongDouble;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Slot, Spec,
};
use keyspace::{Expiry, Value};
use resp::Proto;

/// INCREX
pub(super) const INCREX: Command<Handler> = Command::new(
    Spec {
        name: "increx",
        group: Group::String,
        since: "8.8.0",
        summary: "Adds to a number within bounds and sets its expiry in the same step.",
        syntax: "INCREX key [BYFLOAT increment:double | BYINT increment]:increment [LBOUND lowerbound] \
                 [UBOUND upperbound] [SATURATE] [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
                 PXAT unix-time-milliseconds | PERSIST] [ENX]",
        arity: -2,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> INCREX attempts UBOUND 2 EX 60 ENX
1) (integer) 1
2) (integer) 1
> INCREX attempts BYINT 5 UBOUND 2 SATURATE EX 60 ENX
1) (integer) 2
2) (integer) 1
> INCREX attempts UBOUND 2 EX 60 ENX
1) (integer) 2
2) (integer) 0",
        ..Spec::DEFAULT
    },
    increx,
);

/// The options of INCREX, the numbers not looked at yet.
struct Options<'a> {
    by: Option<&'a [u8]>,
    float: bool,
    lower: Option<&'a [u8]>,
    upper: Option<&'a [u8]>,
    saturate: bool,
    ttl: Ttl<'a>,
    only_without_ttl: bool,
}

impl<'a> Options<'a> {
    fn read(args: &mut Args<'a>) -> Result<Options<'a>> {
        let mut options = Options {
            by: None,
            float: false,
            lower: None,
            upper: None,
            saturate: false,
            ttl: Ttl::Unsaid,
            only_without_ttl: false,
        };
        while !args.is_empty() {
            if args.take_with_value("BYFLOAT") {
                options.float = true;
                once(&mut options.by, args.bytes()?)?;
            } else if args.take_with_value("BYINT") {
                once(&mut options.by, args.bytes()?)?;
            } else if args.take_with_value("LBOUND") {
                once(&mut options.lower, args.bytes()?)?;
            } else if args.take_with_value("UBOUND") {
                once(&mut options.upper, args.bytes()?)?;
            } else if args.take("SATURATE") {
                once_flag(&mut options.saturate)?;
            } else if args.take("ENX") {
                once_flag(&mut options.only_without_ttl)?;
            } else if options.ttl != Ttl::Unsaid || !options.ttl.take(args, Ttl::Persist)? {
                return Err(Error::SYNTAX);
            }
        }
        options.check()
    }

    fn check(self) -> Result<Options<'a>> {
        match self.ttl {
            Ttl::Persist if self.only_without_ttl => Err(Error::SYNTAX),
            Ttl::Unsaid if self.only_without_ttl => Err(Error::new("ERR ENX flag requires an expiration")),
            _ => Ok(self),
        }
    }
}

fn once<T>(option: &mut Option<T>, value: T) -> Result<()> {
    if option.replace(value).is_some() { Err(Error::SYNTAX) } else { Ok(()) }
}

fn once_flag(option: &mut bool) -> Result<()> {
    if std::mem::replace(option, true) { Err(Error::SYNTAX) } else { Ok(()) }
}

fn increx(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let options = Options::read(args)?;
    if options.float { by_float(cx, key, &options, reply) } else { by_integer(cx, key, &options, reply) }
}

const LOWER_ABOVE_UPPER: Error = Error::new("ERR LBOUND can't be greater than UBOUND");

fn by_integer(cx: &mut Cx<'_>, key: &[u8], options: &Options<'_>, reply: Reply<'_>) -> Result<Done> {
    let read = |word: Option<&[u8]>, otherwise: i64, what: &str| match word {
        None => Ok(otherwise),
        Some(word) => base::num::parse_i64(word)
            .ok_or_else(|| Error::with(format!("ERR {what} is not an integer or out of range"))),
    };
    let by = read(options.by, 1, "Increment")?;
    let lower = read(options.lower, i64::MIN, "LBOUND")?;
    let upper = read(options.upper, i64::MAX, "UBOUND")?;
    if lower > upper {
        return Err(LOWER_ABOVE_UPPER);
    }
    let expiry = options.ttl.resolve(cx.now, "increx")?;
    let mut slot = cx.slot(key);
    let old = integer(slot.string()?)?;
    let sum = i128::from(old) + i128::from(by);
    let inside = sum.clamp(lower.into(), upper.into()) as i64;
    if i128::from(inside) != sum && !options.saturate {
        return Ok(integers(reply, old, 0));
    }
    let applied = inside.checked_sub(old).ok_or(Error::new("ERR applied increment would overflow"))?;
    finish(&mut slot, Value::Int(inside), INCRBY_EVENT, options, expiry);
    Ok(integers(reply, inside, applied))
}

fn integers(reply: Reply<'_>, value: i64, applied: i64) -> Done {
    let mut pair = reply.array(2);
    pair.int(value);
    pair.int(applied);
    pair.done()
}

fn by_float(cx: &mut Cx<'_>, key: &[u8], options: &Options<'_>, reply: Reply<'_>) -> Result<Done> {
    let read = |word: Option<&[u8]>, otherwise: LongDouble, what: &str| match word {
        None => Ok(otherwise),
        Some(word) => {
            LongDouble::parse(word).ok_or_else(|| Error::with(format!("ERR {what} is not a valid float")))
        }
    };
    let by = read(options.by, LongDouble::from(1_i64), "Increment")?;
    if !by.is_finite() {
        return Err(Error::new("ERR BYFLOAT increment cannot be Infinity"));
    }
    let lower = read(options.lower, -LongDouble::INFINITY, "LBOUND")?;
    let upper = read(options.upper, LongDouble::INFINITY, "UBOUND")?;
    if lower > upper {
        return Err(LOWER_ABOVE_UPPER);
    }
    let expiry = options.ttl.resolve(cx.now, "increx")?;
    let mut slot = cx.slot(key);
    let old = number(slot.string()?)?;
    if !old.is_finite() {
        return Err(Error::new("ERR value cannot be Infinity"));
    }
    let sum = old + by;
    let inside = clamp(sum, lower, upper);
    if inside != sum && !options.saturate {
        return Ok(floats(reply, old, LongDouble::from(0_i64)));
    }
    let applied = inside - old;
    if !applied.is_finite() {
        return Err(Error::new("ERR applied increment would be Infinity"));
    }
    finish(&mut slot, Value::Bytes(text(inside), false), INCRBYFLOAT_EVENT, options, expiry);
    Ok(floats(reply, inside, applied))
}

/// The number within the bounds, and within what is finite, that is nearest to `sum`.
fn clamp(sum: LongDouble, lower: LongDouble, upper: LongDouble) -> LongDouble {
    if sum < lower {
        lower
    } else if sum > upper {
        upper
    } else if sum.is_finite() {
        sum
    } else if sum > LongDouble::MAX {
        LongDouble::MAX
    } else {
        -LongDouble::MAX
    }
}

fn text(number: LongDouble) -> Vec<u8> {
    let mut text = Vec::new();
    number.push_text(&mut text);
    text
}

/// Doubles in RESP3; in RESP2 the whole text, which is more exact.
fn floats(reply: Reply<'_>, value: LongDouble, applied: LongDouble) -> Done {
    let proto = reply.proto();
    let mut pair = reply.array(2);
    for number in [value, applied] {
        match proto {
            Proto::Resp2 => pair.bulk(&text(number)),
            Proto::Resp3 => pair.double(number.to_f64()),
        }
    }
    pair.done()
}

/// Stores the result with its time to live, and records both.
fn finish(slot: &mut Slot<'_, '_>, result: Value, event: Event, options: &Options<'_>, expiry: Expiry) {
    let has_ttl = slot.item().is_some_and(|item| item.expiry_ms().is_some());
    let expiry = match options.ttl {
        Ttl::Until(_) if options.only_without_ttl && has_ttl => Expiry::Keep,
        Ttl::Until(_) => expiry,
        Ttl::Persist => Expiry::Never,
        Ttl::Unsaid | Ttl::Keep => Expiry::Keep,
    };
    if is_past(expiry, slot) {
        return delete(slot);
    }
    let words = match &result {
        Value::Bytes(text, _) => text.clone(),
        Value::Int(n) => itoa::Buffer::new().format(*n).into(),
        Value::Blob(_) | Value::Object(_) => unreachable!("a number is a short string"),
    };
    slot.put_made(result, expiry, event);
    match expiry {
        Expiry::At(_) => slot.also(Event::EXPIRE),
        Expiry::Never if has_ttl => slot.also(Event::PERSIST),
        Expiry::Never | Expiry::Keep => {}
    }
    record(slot, &words, expiry);
}
