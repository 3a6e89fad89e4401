//! SEXPIRE, STTL, SPERSIST and their relatives: when members expire. The same as HEXPIRE and its relatives for hashes.

use crate::elements::expire::{SETTING, expire};
use crate::elements::ttl::{asking, persist, ttl};
use crate::expiry::Measure;
use command::{Command, Group, Handler, Spec};
use structs::fields::MemberSet;

/// What the four that set declare.
const EXPIRE: Spec = Spec {
    group: Group::Set,
    since: "redstart 0.1.0",
    complexity: "O(N), N being the number of members given",
    ..SETTING
};

/// SEXPIRE
pub(super) const SEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "sexpire",
        summary: "Sets in how many seconds members of a set expire.",
        syntax: "SEXPIRE key seconds [NX | XX | GT | LT] MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADD online ada bob
(integer) 2
> SEXPIRE online 60 MEMBERS 2 ada eve
1) (integer) 1
2) (integer) -2
> STTL online MEMBERS 2 ada bob
1) (integer) 60
2) (integer) -1",
        ..EXPIRE
    },
    |cx, args, reply| expire::<MemberSet>(cx, args, reply, Measure::SECONDS, "sexpire"),
);

/// SPEXPIRE
pub(super) const SPEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "spexpire",
        summary: "Sets in how many milliseconds members of a set expire.",
        syntax: "SPEXPIRE key milliseconds [NX | XX | GT | LT] MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADD online ada
(integer) 1
> SPEXPIRE online 1500 MEMBERS 1 ada
1) (integer) 1
> SPTTL online MEMBERS 1 ada
1) (integer) 1500",
        ..EXPIRE
    },
    |cx, args, reply| expire::<MemberSet>(cx, args, reply, Measure::MILLISECONDS, "spexpire"),
);

/// SEXPIREAT
pub(super) const SEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "sexpireat",
        summary: "Sets the second at which members of a set expire.",
        syntax: "SEXPIREAT key unix-time-seconds [NX | XX | GT | LT] \
                 MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADD online ada
(integer) 1
> SEXPIREAT online 33177117420 MEMBERS 1 ada
1) (integer) 1
> SEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420",
        ..EXPIRE
    },
    |cx, args, reply| expire::<MemberSet>(cx, args, reply, Measure::UNIX_SECONDS, "sexpireat"),
);

/// SPEXPIREAT
pub(super) const SPEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "spexpireat",
        summary: "Sets the millisecond at which members of a set expire.",
        syntax: "SPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] \
                 MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADD online ada
(integer) 1
> SPEXPIREAT online 1 MEMBERS 1 ada
1) (integer) 2
> EXISTS online
(integer) 0",
        ..EXPIRE
    },
    |cx, args, reply| expire::<MemberSet>(cx, args, reply, Measure::UNIX_MILLISECONDS, "spexpireat"),
);

/// What the four that ask declare.
const ASK: Spec = asking(&EXPIRE);

/// STTL
pub(super) const STTL: Command<Handler> = Command::new(
    Spec {
        name: "sttl",
        summary: "In how many seconds members of a set expire.",
        syntax: "STTL key MEMBERS {nummembers:integer member [member ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> SADD online ada
(integer) 1
> STTL online MEMBERS 2 ada bob
1) (integer) -1
2) (integer) -2",
        ..ASK
    },
    |cx, args, reply| ttl::<MemberSet>(cx, args, reply, Measure::SECONDS),
);

/// SPTTL
pub(super) const SPTTL: Command<Handler> = Command::new(
    Spec {
        name: "spttl",
        summary: "In how many milliseconds members of a set expire.",
        syntax: "SPTTL key MEMBERS {nummembers:integer member [member ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> SADDEX online PX 1500 MEMBERS 1 ada
(integer) 1
> SPTTL online MEMBERS 1 ada
1) (integer) 1500",
        ..ASK
    },
    |cx, args, reply| ttl::<MemberSet>(cx, args, reply, Measure::MILLISECONDS),
);

/// SEXPIRETIME
pub(super) const SEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "sexpiretime",
        summary: "The second at which members of a set expire.",
        syntax: "SEXPIRETIME key MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADDEX online EXAT 33177117420 MEMBERS 1 ada
(integer) 1
> SEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420",
        ..ASK
    },
    |cx, args, reply| ttl::<MemberSet>(cx, args, reply, Measure::UNIX_SECONDS),
);

/// SPEXPIRETIME
pub(super) const SPEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "spexpiretime",
        summary: "The millisecond at which members of a set expire.",
        syntax: "SPEXPIRETIME key MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> SADDEX online PXAT 33177117420000 MEMBERS 1 ada
(integer) 1
> SPEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420000",
        ..ASK
    },
    |cx, args, reply| ttl::<MemberSet>(cx, args, reply, Measure::UNIX_MILLISECONDS),
);

/// SPERSIST
pub(super) const SPERSIST: Command<Handler> = Command::new(
    Spec {
        name: "spersist",
        summary: "Lets members of a set stay that were to expire.",
        syntax: "SPERSIST key MEMBERS {nummembers:integer member [member ...]}",
        arity: -5,
        examples: "\
> SADDEX online EX 60 MEMBERS 1 ada
(integer) 1
> SPERSIST online MEMBERS 2 ada bob
1) (integer) 1
2) (integer) -2
> STTL online MEMBERS 1 ada
1) (integer) -1",
        ..EXPIRE
    },
    persist::<MemberSet>,
);
