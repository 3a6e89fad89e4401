//! SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE, and the opposites.

use super::PUBSUB;
use crate::admin::Admin;
use crate::pubsub::{Kind, Name, shown, subscriptions};
use crate::registry::Run;
use crate::session::ReplyMode;
use command::Flag::{self, Loading, NoScript, PubSub, Stale, WhileListening};
use command::{Args, Command, Done, KeyFlag, KeySpec, Reply, Result, Spec};

const FLAGS: &[Flag] = &[PubSub, NoScript, Loading, Stale, WhileListening];

/// Channels that belong to slots, but are no keys.
const SHARD_CHANNELS: &[KeySpec] = &[KeySpec::range(1, -1, 1, &[KeyFlag::NotKey])];

pub(super) const SUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "subscribe",
        since: "2.0.0",
        summary: "Has messages on these channels sent to the connection.",
        complexity: "O(N), N being the number of channels",
        syntax: "SUBSCRIBE channel [channel ...]",
        arity: -2,
        flags: FLAGS,
        examples: "\
> SUBSCRIBE news
1) \"subscribe\"
2) \"news\"
3) (integer) 1
> GET key
(error) ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| subscribe(admin, args, reply, Kind::Channel)),
);

pub(super) const PSUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "psubscribe",
        since: "2.0.0",
        summary: "Has messages on all channels that match one of these patterns sent to the connection.",
        complexity: "O(N), N being the number of patterns",
        syntax: "PSUBSCRIBE pattern [pattern ...]",
        arity: -2,
        flags: FLAGS,
        examples: "\
> PSUBSCRIBE news.*
1) \"psubscribe\"
2) \"news.*\"
3) (integer) 1",
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| subscribe(admin, args, reply, Kind::Pattern)),
);

pub(super) const SSUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "ssubscribe",
        since: "7.0.0",
        summary: "Has messages on these shard channels sent to the connection.",
        complexity: "O(N), N being the number of channels",
        syntax: "SSUBSCRIBE shardchannel [shardchannel ...]",
        arity: -2,
        flags: FLAGS,
        keys: SHARD_CHANNELS,
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| subscribe(admin, args, reply, Kind::ShardChannel)),
);

pub(super) const UNSUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "unsubscribe",
        since: "2.0.0",
        summary: "Ends subscriptions to these channels, or to all.",
        complexity: "O(N), N being the number of channels",
        syntax: "UNSUBSCRIBE [channel [channel ...]]",
        arity: -1,
        flags: FLAGS,
        examples: "\
> UNSUBSCRIBE
1) \"unsubscribe\"
2) (nil)
3) (integer) 0",
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| unsubscribe(admin, args, reply, Kind::Channel)),
);

pub(super) const PUNSUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "punsubscribe",
        since: "2.0.0",
        summary: "Ends subscriptions to these patterns, or to all.",
        complexity: "O(N), N being the number of patterns",
        syntax: "PUNSUBSCRIBE [pattern [pattern ...]]",
        arity: -1,
        flags: FLAGS,
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| unsubscribe(admin, args, reply, Kind::Pattern)),
);

pub(super) const SUNSUBSCRIBE: Command<Run> = Command::new(
    Spec {
        name: "sunsubscribe",
        since: "7.0.0",
        summary: "Ends subscriptions to these shard channels, or to all.",
        complexity: "O(N), N being the number of channels",
        syntax: "SUNSUBSCRIBE [shardchannel [shardchannel ...]]",
        arity: -1,
        flags: FLAGS,
        keys: SHARD_CHANNELS,
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| unsubscribe(admin, args, reply, Kind::ShardChannel)),
);

fn subscribe(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>, kind: Kind) -> Result<Done> {
    let changed = args.rest().map(|name| {
        let shown = admin.messages.subscribe(admin.engine, admin.session, kind, name);
        (Some(Name::from(name)), shown)
    });
    let changed = changed.collect();
    let verb = match kind {
        Kind::Channel => b"subscribe".as_slice(),
        Kind::Pattern => b"psubscribe",
        Kind::ShardChannel => b"ssubscribe",
    };
    Ok(confirm(admin, reply, verb, changed))
}

fn unsubscribe(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>, kind: Kind) -> Result<Done> {
    let names = match args.is_empty() {
        true => subscriptions(admin.session, kind),
        false => args.rest().map(Name::from).collect(),
    };
    let changed = names.into_iter().map(|name| {
        let shown = admin.messages.unsubscribe(admin.engine, admin.session, kind, &name);
        (Some(name), shown)
    });
    let mut changed: Vec<_> = changed.collect();
    if changed.is_empty() {
        changed.push((None, shown(admin.session, kind)));
    }
    let verb = match kind {
        Kind::Channel => b"unsubscribe".as_slice(),
        Kind::Pattern => b"punsubscribe",
        Kind::ShardChannel => b"sunsubscribe",
    };
    Ok(confirm(admin, reply, verb, changed))
}

/// Tells of each subscription by a message of its own. Being messages, they are sent whatever CLIENT REPLY says.
fn confirm(
    admin: &mut Admin<'_, '_>,
    reply: Reply<'_>,
    verb: &[u8],
    changed: Vec<(Option<Name>, usize)>,
) -> Done {
    let session = &mut *admin.session;
    reply.written(|writer| {
        let start = writer.raw().len();
        for (name, shown) in changed {
            writer.push(3);
            writer.bulk(verb);
            match name {
                Some(name) => writer.bulk(&name),
                None => writer.null(),
            }
            writer.int(shown as i64);
        }
        if session.reply_mode != ReplyMode::On {
            session.unsilenced.push(start..writer.raw().len());
        }
    })
}
