//! SADDEX: adding members and saying when they expire.

use super::ADDED;
use crate::elements::block::{names, not_positive, take_moment};
use crate::elements::{Elements, lapse};
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Insert, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Open, Replicate, Reply, Result, Spec,
};
use structs::fields::MemberSet;

/// SADDEX
pub(super) const SADDEX: Command<Handler> = Command::new(
    Spec {
        name: "saddex",
        group: Group::Set,
        since: "redstart 0.1.0",
        summary: "Adds members to a set, or keeps those that are there, and says when they expire.",
        complexity: "O(N), N being the number of members given",
        syntax: "SADDEX key <EX seconds | PX milliseconds | EXAT unix-time-seconds | \
                 PXAT unix-time-milliseconds>:expiration MEMBERS {nummembers:integer member [member ...]}",
        arity: -7,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        replicate: Replicate::Outcome,
        examples: "\
> SADDEX online EX 60 MEMBERS 2 ada bob
(integer) 2
> SADDEX online EX 90 MEMBERS 2 ada eve
(integer) 1
> STTL online MEMBERS 3 ada bob eve
1) (integer) 90
2) (integer) 60
3) (integer) 90",
        ..Spec::DEFAULT
    },
    saddex,
);

fn saddex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, limits) = (args.key()?, &cx.limits.set);
    let at_ms = take_moment(args, cx.now, "saddex")?.ok_or(Error::SYNTAX)?;
    let given = names::<MemberSet>(args, not_positive::<MemberSet>)?;
    let mut set = cx.slot(key).open_or_insert(MemberSet::new)?;
    lapse(&mut set, given.clone());
    let members: &mut MemberSet = &mut set;
    let mut added = 0;
    for member in given.clone() {
        added += usize::from(members.insert(member, limits));
        members.set_expiry(member, Some(at_ms), limits);
    }
    set.changed_by(given.len(), ADDED);
    let given: Vec<&[u8]> = given.collect();
    if set.is_over(at_ms) {
        remove(&mut set, &given)
    } else {
        stored(&mut set, &given, at_ms)
    }
    Ok(reply.len(added))
}

/// Removes members that were to expire at a moment that is over.
fn remove(set: &mut Open<'_, '_, MemberSet>, members: &[&[u8]]) {
    for member in members {
        set.remove(member);
    }
    set.also(MemberSet::REMOVED);
    set.outcome_for(MemberSet::REMOVE, &[], members);
}

fn stored(set: &mut Open<'_, '_, MemberSet>, members: &[&[u8]], at_ms: i64) {
    set.also(MemberSet::EXPIRE);
    let (mut at, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
    let options: [&[u8]; 4] =
        [b"PXAT", at.format(at_ms).as_bytes(), b"MEMBERS", count.format(members.len()).as_bytes()];
    set.outcome_for(b"SADDEX", &options, members);
}
