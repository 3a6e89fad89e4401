//! PUBSUB: what has subscribers, and how many.

use super::PUBSUB as FAMILY;
use crate::admin::Admin;
use crate::pubsub::Kind;
use crate::registry::Run;
use base::glob::{self, Case};
use command::Flag::{self, Loading, PubSub, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec, help};

const FLAGS: &[Flag] = &[PubSub, Loading, Stale];

const SUBCOMMANDS: &[Command<Run>] = &[CHANNELS, HELP, NUMPAT, NUMSUB, SHARDCHANNELS, SHARDNUMSUB];

pub(super) const PUBSUB: Command<Run> = Command::container(
    Spec {
        name: "pubsub",
        since: "2.8.0",
        summary: "Tells what has subscribers.",
        complexity: "Depends on the subcommand.",
        syntax: "PUBSUB",
        arity: -2,
        acl: &["-pubsub"],
        ..FAMILY
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const CHANNELS: Command<Run> = Command::new(
    Spec {
        name: "channels",
        since: "2.8.0",
        summary: "The channels that have subscribers, or those of them whose names match.",
        complexity: "O(N), N being the number of channels with subscribers",
        syntax: "PUBSUB CHANNELS [pattern]",
        arity: -2,
        flags: FLAGS,
        examples: "\
> PUBSUB CHANNELS
(empty array)",
        ..FAMILY
    },
    Run::Admin(|admin, args, reply| channels(admin, args, reply, Kind::Channel)),
);

const SHARDCHANNELS: Command<Run> = Command::new(
    Spec {
        name: "shardchannels",
        since: "7.0.0",
        summary: "The shard channels that have subscribers, or those of them whose names match.",
        complexity: "O(N), N being the number of shard channels with subscribers",
        syntax: "PUBSUB SHARDCHANNELS [pattern]",
        arity: -2,
        flags: FLAGS,
        examples: "\
> PUBSUB SHARDCHANNELS news.*
(empty array)",
        ..FAMILY
    },
    Run::Admin(|admin, args, reply| channels(admin, args, reply, Kind::ShardChannel)),
);

const NUMSUB: Command<Run> = Command::new(
    Spec {
        name: "numsub",
        since: "2.8.0",
        summary: "How many have subscribed to each of these channels, those of patterns not counted.",
        complexity: "O(N), N being the number of channels asked about",
        syntax: "PUBSUB NUMSUB [channel [channel ...]]",
        arity: -2,
        flags: FLAGS,
        examples: "\
> PUBSUB NUMSUB news
1) \"news\"
2) (integer) 0",
        ..FAMILY
    },
    Run::Admin(|admin, args, reply| Ok(counts(admin, args, reply, Kind::Channel))),
);

const SHARDNUMSUB: Command<Run> = Command::new(
    Spec {
        name: "shardnumsub",
        since: "7.0.0",
        summary: "How many have subscribed to each of these shard channels.",
        complexity: "O(N), N being the number of channels asked about",
        syntax: "PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]",
        arity: -2,
        flags: FLAGS,
        ..FAMILY
    },
    Run::Admin(|admin, args, reply| Ok(counts(admin, args, reply, Kind::ShardChannel))),
);

const NUMPAT: Command<Run> = Command::new(
    Spec {
        name: "numpat",
        since: "2.8.0",
        summary: "How many different patterns have subscribers.",
        syntax: "PUBSUB NUMPAT",
        arity: 2,
        flags: FLAGS,
        examples: "\
> PUBSUB NUMPAT
(integer) 0",
        ..FAMILY
    },
    Run::Admin(|admin, _, reply| Ok(reply.len(admin.engine.routes.len(Kind::Pattern)))),
);

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "6.2.0",
        summary: "Lists the subcommands of PUBSUB.",
        syntax: "PUBSUB HELP",
        arity: 2,
        flags: &[Loading, Stale],
        acl: &["-pubsub"],
        ..FAMILY
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "PUBSUB", SUBCOMMANDS))),
);

fn channels(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>, kind: Kind) -> Result<Done> {
    let pattern = if args.is_empty() { None } else { Some(args.bytes()?) };
    if !args.is_empty() {
        return Err(Error::subcommand_misused(args.all()));
    }
    let mut names = admin.engine.routes.names(kind);
    names.retain(|name| pattern.is_none_or(|pattern| glob::matches(pattern, name, Case::Sensitive)));
    // In an order that doesn't depend on the tables': equal histories have equal replies.
    names.sort_unstable();
    let mut list = reply.array(names.len());
    names.iter().for_each(|name| list.bulk(name));
    Ok(list.done())
}

fn counts(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>, kind: Kind) -> Done {
    let names = args.rest();
    let mut list = reply.array(names.len() * 2);
    for name in names {
        list.bulk(name);
        list.int(admin.engine.routes.subscribers(kind, name) as i64);
    }
    list.done()
}
