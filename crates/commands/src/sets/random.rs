//! SPOP, SRANDMEMBER: members chosen at random, each with the same probability.

use super::read;
use crate::choice::{Choice, Count};
use command::Flag::{Fast, Readonly, Write};
use command::KeyFlag::{Access, Delete, ReadOnly, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Open, Replicate, Reply, Result, Spec,
};
use structs::fields::MemberSet;

const POPPED: Event = Event::set("spop");
/// Members named by one journal record at most.
const MEMBERS_PER_RECORD: usize = 1024;

/// SPOP
pub(super) const SPOP: Command<Handler> = Command::new(
    Spec {
        name: "spop",
        group: Group::Set,
        summary: "Takes members chosen at random from a set.",
        complexity: "O(N), N being the number of members taken",
        syntax: "SPOP key [count]",
        arguments_since: &[("count", "3.2.0")],
        arity: -2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        tips: &["nondeterministic_output"],
        examples: "\
> SADD winner you
(integer) 1
> SPOP winner
\"you\"
> SPOP winner
(nil)",
        ..Spec::DEFAULT
    },
    spop,
);

fn spop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    if args.is_empty() {
        return pop_one(cx, key, reply);
    }
    let count = only_word(args)?.int_in(0.., Error::MUST_BE_POSITIVE).map_err(|_| Error::MUST_BE_POSITIVE)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let all = match cx.slot(key).open::<MemberSet>()? {
        None => return Ok(reply.set(0).done()),
        Some(set) => count >= set.len(),
    };
    if count == 0 {
        return Ok(reply.set(0).done());
    }
    if all { pop_all(cx, key, reply) } else { pop_some(cx, key, count, reply) }
}

fn pop_one(cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
    let mut rng = cx.rng.fork();
    let Some(mut set) = cx.slot(key).open::<MemberSet>()? else { return Ok(reply.null()) };
    let members = set.view().alive_at(set.alive_from_ms());
    let Some(member) = members.sample(&mut rng).map(|member| member.name.to_vec()) else {
        return Ok(reply.null());
    };
    let done = reply.bulk(&member);
    remove(&mut set, key, &[member]);
    Ok(done)
}

/// Takes the whole set, whose key is removed.
fn pop_all(cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
    let members = read(cx, key)?;
    let mut all = reply.set(members.len());
    members.into_iter().for_each(|member| all.string(member.name.into()));
    let lazily = cx.limits.lazy_server_del;
    let mut slot = cx.slot(key);
    slot.also(POPPED);
    slot.delete(Event::DEL, lazily);
    let verb: &[u8] = if lazily { b"UNLINK" } else { b"DEL" };
    slot.outcome(&[verb, key]);
    Ok(all.done())
}

fn pop_some(cx: &mut Cx<'_>, key: &[u8], count: usize, reply: Reply<'_>) -> Result<Done> {
    let mut rng = cx.rng.fork();
    let Some(mut set) = cx.slot(key).open::<MemberSet>()? else { return Ok(reply.set(0).done()) };
    let chosen = set.view().alive_at(set.alive_from_ms()).choose(count, &mut rng);
    let chosen: Vec<Vec<u8>> = chosen.iter().map(|member| member.name.to_vec()).collect();
    let mut members = reply.set(chosen.len());
    chosen.iter().for_each(|member| members.bulk(member));
    remove(&mut set, key, &chosen);
    Ok(members.done())
}

/// Removes members and says which, as nobody else could draw the same.
fn remove(set: &mut Open<'_, '_, MemberSet>, key: &[u8], members: &[Vec<u8>]) {
    if members.is_empty() {
        return;
    }
    let inner: &mut MemberSet = set;
    members.iter().for_each(|member| {
        inner.remove(member);
    });
    set.changed_by(members.len(), POPPED);
    let db = set.db();
    for members in members.chunks(MEMBERS_PER_RECORD) {
        let words: Vec<&[u8]> = [b"SREM", key].into_iter().chain(members.iter().map(Vec::as_slice)).collect();
        set.effects().outcome(db, &words);
    }
}

/// SRANDMEMBER
pub(super) const SRANDMEMBER: Command<Handler> = Command::new(
    Spec {
        name: "srandmember",
        group: Group::Set,
        summary: "Members chosen at random: different ones, or with a negative count each time from all.",
        complexity: "O(N), N being the number of members returned; of all members, if that is a large part",
        syntax: "SRANDMEMBER key [count]",
        arguments_since: &[("count", "2.6.0")],
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> SADD dice six
(integer) 1
> SRANDMEMBER dice
\"six\"
> SRANDMEMBER dice -2
1) \"six\"
2) \"six\"",
        ..Spec::DEFAULT
    },
    srandmember,
);

/// The arguments, if there is one left: too many are told of before what they are.
fn only_word<'r, 'a>(args: &'r mut Args<'a>) -> Result<&'r mut Args<'a>> {
    if args.left() > 1 { Err(Error::SYNTAX) } else { Ok(args) }
}

fn srandmember(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut rng = cx.rng.fork();
    if args.is_empty() {
        return Ok(match read(cx, key)?.sample(&mut rng) {
            Some(member) => reply.string(member.name.into()),
            None => reply.null(),
        });
    }
    let count = only_word(args).and_then(Count::parse)?;
    let members = read(cx, key)?;
    if members.is_empty() {
        return Ok(reply.array(0).done());
    }
    let repeated = match count.choice()? {
        Choice::Different(wanted) => {
            let chosen = members.choose(wanted, &mut rng);
            let mut answers = reply.array(chosen.len());
            chosen.iter().for_each(|member| answers.string(member.name.into()));
            return Ok(answers.done());
        }
        Choice::Repeated(wanted) => wanted,
    };
    let mut answers = reply.array(repeated);
    for _ in 0..repeated {
        let member = members.sample(&mut rng).expect("there are members");
        answers.string(member.name.into());
    }
    Ok(answers.done())
}
