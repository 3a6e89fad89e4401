//! HEXPIRE, HTTL, HPERSIST and their relatives: when fields expire.

use crate::elements::expire::{SETTING, expire};
use crate::elements::ttl::{asking, persist, ttl};
use crate::expiry::Measure;
use command::{Command, Group, Handler, Spec};
use structs::fields::FieldMap;

/// What the four that set declare.
const EXPIRE: Spec = Spec {
    group: Group::Hash,
    since: "7.4.0",
    complexity: "O(N), N being the number of fields given",
    ..SETTING
};

/// HEXPIRE
pub(super) const HEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "hexpire",
        summary: "Sets in how many seconds fields of a hash expire.",
        syntax: "HEXPIRE key seconds [NX | XX | GT | LT] FIELDS {numfields field [field ...]}",
        examples: "\
> HSET user name Ada token secret
(integer) 2
> HEXPIRE user 60 FIELDS 2 token age
1) (integer) 1
2) (integer) -2
> HTTL user FIELDS 2 name token
1) (integer) -1
2) (integer) 60",
        ..EXPIRE
    },
    |cx, args, reply| expire::<FieldMap>(cx, args, reply, Measure::SECONDS, "hexpire"),
);

/// HPEXPIRE
pub(super) const HPEXPIRE: Command<Handler> = Command::new(
    Spec {
        name: "hpexpire",
        summary: "Sets in how many milliseconds fields of a hash expire.",
        syntax: "HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS {numfields field [field ...]}",
        examples: "\
> HSET user token secret
(integer) 1
> HPEXPIRE user 1500 FIELDS 1 token
1) (integer) 1
> HPTTL user FIELDS 1 token
1) (integer) 1500",
        ..EXPIRE
    },
    |cx, args, reply| expire::<FieldMap>(cx, args, reply, Measure::MILLISECONDS, "hpexpire"),
);

/// HEXPIREAT
pub(super) const HEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "hexpireat",
        summary: "Sets the second at which fields of a hash expire.",
        syntax: "HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS {numfields field [field ...]}",
        examples: "\
> HSET user token secret
(integer) 1
> HEXPIREAT user 33177117420 FIELDS 1 token
1) (integer) 1
> HEXPIREAT user 33177117430 LT FIELDS 1 token
1) (integer) 0
> HEXPIRETIME user FIELDS 1 token
1) (integer) 33177117420",
        ..EXPIRE
    },
    |cx, args, reply| expire::<FieldMap>(cx, args, reply, Measure::UNIX_SECONDS, "hexpireat"),
);

/// HPEXPIREAT
pub(super) const HPEXPIREAT: Command<Handler> = Command::new(
    Spec {
        name: "hpexpireat",
        summary: "Sets the millisecond at which fields of a hash expire.",
        syntax: "HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS {numfields field [field ...]}",
        examples: "\
> HSET user token secret
(integer) 1
> HPEXPIREAT user 1 FIELDS 1 token
1) (integer) 2
> EXISTS user
(integer) 0",
        ..EXPIRE
    },
    |cx, args, reply| expire::<FieldMap>(cx, args, reply, Measure::UNIX_MILLISECONDS, "hpexpireat"),
);

/// What the four that ask declare.
const ASK: Spec = asking(&EXPIRE);

/// HTTL
pub(super) const HTTL: Command<Handler> = Command::new(
    Spec {
        name: "httl",
        summary: "In how many seconds fields of a hash expire.",
        syntax: "HTTL key FIELDS {numfields field [field ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> HSET user name Ada
(integer) 1
> HTTL user FIELDS 2 name age
1) (integer) -1
2) (integer) -2",
        ..ASK
    },
    |cx, args, reply| ttl::<FieldMap>(cx, args, reply, Measure::SECONDS),
);

/// HPTTL
pub(super) const HPTTL: Command<Handler> = Command::new(
    Spec {
        name: "hpttl",
        summary: "In how many milliseconds fields of a hash expire.",
        syntax: "HPTTL key FIELDS {numfields field [field ...]}",
        tips: &["nondeterministic_output"],
        examples: "\
> HSETEX user PX 1500 FIELDS 1 token secret
(integer) 1
> HPTTL user FIELDS 1 token
1) (integer) 1500",
        ..ASK
    },
    |cx, args, reply| ttl::<FieldMap>(cx, args, reply, Measure::MILLISECONDS),
);

/// HEXPIRETIME
pub(super) const HEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "hexpiretime",
        summary: "The second at which fields of a hash expire.",
        syntax: "HEXPIRETIME key FIELDS {numfields field [field ...]}",
        examples: "\
> HSETEX user EXAT 33177117420 FIELDS 1 token secret
(integer) 1
> HEXPIRETIME user FIELDS 1 token
1) (integer) 33177117420",
        ..ASK
    },
    |cx, args, reply| ttl::<FieldMap>(cx, args, reply, Measure::UNIX_SECONDS),
);

/// HPEXPIRETIME
pub(super) const HPEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "hpexpiretime",
        summary: "The millisecond at which fields of a hash expire.",
        syntax: "HPEXPIRETIME key FIELDS {numfields field [field ...]}",
        examples: "\
> HSETEX user PXAT 33177117420000 FIELDS 1 token secret
(integer) 1
> HPEXPIRETIME user FIELDS 1 token
1) (integer) 33177117420000",
        ..ASK
    },
    |cx, args, reply| ttl::<FieldMap>(cx, args, reply, Measure::UNIX_MILLISECONDS),
);

/// HPERSIST
pub(super) const HPERSIST: Command<Handler> = Command::new(
    Spec {
        name: "hpersist",
        summary: "Lets fields of a hash stay that were to expire.",
        syntax: "HPERSIST key FIELDS {numfields field [field ...]}",
        arity: -5,
        examples: "\
> HSETEX user EX 60 FIELDS 1 token secret
(integer) 1
> HPERSIST user FIELDS 2 token age
1) (integer) 1
2) (integer) -2
> HTTL user FIELDS 1 token
1) (integer) -1",
        ..EXPIRE
    },
    persist::<FieldMap>,
);
