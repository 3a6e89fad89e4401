//! ZEXPIRE, ZTTL, ZPERSIST and their relatives: when members expire. The same as HEXPIRE and its relatives for hashes.

use crate::elements::expire::{SETTING, expire};
use crate::elements::ttl::{asking, persist, ttl};
use crate::expiry::Measure;
use command::{Command, Group, Handler, Spec};
use structs::ranked::Ranked;

/// What the four that set declare.
const EXPIRE: Spec = Spec {
    group: Group::SortedSet,
    since: "redstart 0.1.0",
    complexity: "O(N), N being the number of members given",
    ..SETTING
};

/// ZEXPIRE
pub(super) const ZEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "zexpire",
        summary: "Sets in how many seconds members of a sorted set expire.",
        syntax: "ZEXPIRE key seconds [NX | XX | GT | LT] MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada 2 bob
(integer) 2
> ZEXPIRE online 60 MEMBERS 2 ada eve
1) (integer) 1
2) (integer) -2
> ZTTL online MEMBERS 2 ada bob
1) (integer) 60
2) (integer) -1",
        ..EXPIRE
    },
    |cx, args, reply| expire::<Ranked>(cx, args, reply, Measure::SECONDS, "zexpire"),
);

/// ZPEXPIRE
pub(super) const ZPEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "zpexpire",
        summary: "Sets in how many milliseconds members of a sorted set expire.",
        syntax: "ZPEXPIRE key milliseconds [NX | XX | GT | LT] MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZPEXPIRE online 1500 MEMBERS 1 ada
1) (integer) 1
> ZPTTL online MEMBERS 1 ada
1) (integer) 1500",
        ..EXPIRE
    },
    |cx, args, reply| expire::<Ranked>(cx, args, reply, Measure::MILLISECONDS, "zpexpire"),
);

/// ZEXPIREAT
pub(super) const ZEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "zexpireat",
        summary: "Sets the second at which members of a sorted set expire.",
        syntax: "ZEXPIREAT key unix-time-seconds [NX | XX | GT | LT] \
                 MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZEXPIREAT online 33177117420 MEMBERS 1 ada
1) (integer) 1
> ZEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420",
        ..EXPIRE
    },
    |cx, args, reply| expire::<Ranked>(cx, args, reply, Measure::UNIX_SECONDS, "zexpireat"),
);

/// ZPEXPIREAT
pub(super) const ZPEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "zpexpireat",
        summary: "Sets the millisecond at which members of a sorted set expire.",
        syntax: "ZPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] \
                 MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZPEXPIREAT online 1 MEMBERS 1 ada
1) (integer) 2
> EXISTS online
(integer) 0",
        ..EXPIRE
    },
    |cx, args, reply| expire::<Ranked>(cx, args, reply, Measure::UNIX_MILLISECONDS, "zpexpireat"),
);

/// What the four that ask declare.
const ASK: Spec = asking(&EXPIRE);

/// ZTTL
pub(super) const ZTTL: Command<Handler> = Command::new(
    Spec {
        name: "zttl",
        summary: "In how many seconds members of a sorted set expire.",
        syntax: "ZTTL key MEMBERS {nummembers:integer member [member ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZTTL online MEMBERS 2 ada bob
1) (integer) -1
2) (integer) -2",
        ..ASK
    },
    |cx, args, reply| ttl::<Ranked>(cx, args, reply, Measure::SECONDS),
);

/// ZPTTL
pub(super) const ZPTTL: Command<Handler> = Command::new(
    Spec {
        name: "zpttl",
        summary: "In how many milliseconds members of a sorted set expire.",
        syntax: "ZPTTL key MEMBERS {nummembers:integer member [member ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZPEXPIRE online 1500 MEMBERS 1 ada
1) (integer) 1
> ZPTTL online MEMBERS 1 ada
1) (integer) 1500",
        ..ASK
    },
    |cx, args, reply| ttl::<Ranked>(cx, args, reply, Measure::MILLISECONDS),
);

/// ZEXPIRETIME
pub(super) const ZEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "zexpiretime",
        summary: "The second at which members of a sorted set expire.",
        syntax: "ZEXPIRETIME key MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZEXPIREAT online 33177117420 MEMBERS 1 ada
1) (integer) 1
> ZEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420",
        ..ASK
    },
    |cx, args, reply| ttl::<Ranked>(cx, args, reply, Measure::UNIX_SECONDS),
);

/// ZPEXPIRETIME
pub(super) const ZPEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "zpexpiretime",
        summary: "The millisecond at which members of a sorted set expire.",
        syntax: "ZPEXPIRETIME key MEMBERS {nummembers:integer member [member ...]}",
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZPEXPIREAT online 33177117420000 MEMBERS 1 ada
1) (integer) 1
> ZPEXPIRETIME online MEMBERS 1 ada
1) (integer) 33177117420000",
        ..ASK
    },
    |cx, args, reply| ttl::<Ranked>(cx, args, reply, Measure::UNIX_MILLISECONDS),
);

/// ZPERSIST
pub(super) const ZPERSIST: Command<Handler> = Command::new(
    Spec {
        name: "zpersist",
        summary: "Lets members of a sorted set stay that were to expire.",
        syntax: "ZPERSIST key MEMBERS {nummembers:integer member [member ...]}",
        arity: -5,
        examples: "\
> ZADD online 1 ada
(integer) 1
> ZEXPIRE online 60 MEMBERS 1 ada
1) (integer) 1
> ZPERSIST online MEMBERS 2 ada bob
1) (integer) 1
2) (integer) -2
> ZTTL online MEMBERS 1 ada
1) (integer) -1",
        ..EXPIRE
    },
    persist::<Ranked>,
);
