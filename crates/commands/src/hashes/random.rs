//! HRANDFIELD.

use super::read;
use crate::choice::{Choice, Count};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Seq, Spec};
use resp::Proto;
use structs::fields::Element;

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
    let count = Count::parse(args)?;
    let values = args.take("WITHVALUES");
    args.end()?;
    if values {
        count.of_pairs()?;
    }
    let hash = read(cx, key)?;
    if hash.is_empty() {
        return Ok(reply.array(0).done());
    }
    let repeated = match count.choice()? {
        Choice::Different(wanted) => {
            let chosen = hash.choose(wanted, &mut rng);
            let mut fields = Fields::new(reply, chosen.len(), values);
            chosen.iter().for_each(|field| fields.push(field));
            return Ok(fields.seq.done());
        }
        Choice::Repeated(wanted) => wanted,
    };
    let mut fields = Fields::new(reply, repeated, values);
    for _ in 0..repeated {
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
