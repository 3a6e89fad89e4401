//! HRANDFIELD.

use super::read;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Seq, Spec};
use resp::Proto;
use structs::fields::Element;

/// A number outside -(2^63 - 1) to 2^63 - 1, whose negation wouldn't be a number.
const NOT_NEGATABLE: Error =
    Error::new("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
/// A number of fields that with their values would be more than can be counted.
const TOO_MANY: Error = Error::new("ERR value is out of range");

/// HRANDFIELD
pub(super) const HRANDFIELD: Command<Handler> = Command::new(
    Spec {
        name: "hrandfield",
        group: Group::Hash,
        since: "6.2.0",
        summary: "Fields chosen at random: different ones, or with a negative count each time from all.",
        complexity: "O(N), N being the number of fields returned; of all fields, if that is a large part",
        syntax: "HRANDFIELD key [count [WITHVALUES]]:options",
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> HSET dice face six
(integer) 1
> HRANDFIELD dice
\"face\"
> HRANDFIELD dice -2 WITHVALUES
1) \"face\"
2) \"six\"
3) \"face\"
4) \"six\"",
        ..Spec::DEFAULT
    },
    hrandfield,
);

fn hrandfield(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut rng = cx.rng.fork();
    if args.is_empty() {
        return Ok(match read(cx, key)?.sample(&mut rng) {
            Some(field) => reply.string(field.name.into()),
            None => reply.null(),
        });
    }
    let count = args.int_in(-i64::MAX..=i64::MAX, NOT_NEGATABLE)?;
    let values = args.take("WITHVALUES");
    args.end()?;
    if values && !(-i64::MAX / 2..=i64::MAX / 2).contains(&count) {
        return Err(TOO_MANY);
    }
    let hash = read(cx, key)?;
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count >= 0 {
        let chosen = hash.choose(wanted, &mut rng);
        let mut fields = Fields::new(reply, chosen.len(), values);
        chosen.iter().for_each(|field| fields.push(field));
        return Ok(fields.seq.done());
    }
    let wanted = if hash.is_empty() { 0 } else { wanted };
    let mut fields = Fields::new(reply, wanted, values);
    for _ in 0..wanted {
        fields.push(&hash.sample(&mut rng).expect("there are fields"));
    }
    Ok(fields.seq.done())
}

/// Fields as they are answered: with values these are pairs in RESP3, else one behind the other.
struct Fields<'a> {
    seq: Seq<'a>,
    values: bool,
    pairs: bool,
}

impl<'a> Fields<'a> {
    fn new(reply: Reply<'a>, count: usize, values: bool) -> Fields<'a> {
        let pairs = values && reply.proto() == Proto::Resp3;
        let flat = values && !pairs;
        Fields { seq: reply.array(if flat { 2 * count } else { count }), values, pairs }
    }

    fn push(&mut self, field: &Element<'_>) {
        if self.pairs {
            let mut pair = self.seq.array(2);
            pair.string(field.name.into());
            pair.string(field.value.into());
        } else {
            self.seq.string(field.name.into());
            if self.values {
                self.seq.string(field.value.into());
            }
        }
    }
}
