//! PUBLISH and SPUBLISH.

use super::PUBSUB;
use crate::admin::Admin;
use crate::messages::Order;
use crate::pubsub::Kind;
use crate::registry::Run;
use command::Flag::{self, Fast, Loading, PubSub, Publishes, Stale};
use command::{Args, Command, Done, KeyFlag, KeySpec, Reply, Result, Spec};

const FLAGS: &[Flag] = &[PubSub, Loading, Stale, Fast, Publishes];

pub(super) const PUBLISH: Command<Run> = Command::new(
    Spec {
        name: "publish",
        since: "2.0.0",
        summary: "Sends a message to all who have subscribed to the channel; answers how many get it.",
        complexity: "O(N+M), N being the number of the channel's subscribers, M that of all patterns",
        syntax: "PUBLISH channel message",
        arity: 3,
        flags: FLAGS,
        examples: "\
> PUBLISH news hello
(integer) 0",
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| publish(admin, args, reply, Kind::Channel)),
);

pub(super) const SPUBLISH: Command<Run> = Command::new(
    Spec {
        name: "spublish",
        since: "7.0.0",
        summary: "Sends a message to all who have subscribed to the shard channel; answers how many get it.",
        complexity: "O(N), N being the number of the channel's subscribers",
        syntax: "SPUBLISH shardchannel message",
        arity: 3,
        flags: FLAGS,
        keys: &[KeySpec::one(1, &[KeyFlag::NotKey])],
        examples: "\
> SPUBLISH news hello
(integer) 0",
        ..PUBSUB
    },
    Run::Admin(|admin, args, reply| publish(admin, args, reply, Kind::ShardChannel)),
);

fn publish(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>, kind: Kind) -> Result<Done> {
    let (channel, text) = (args.bytes()?, args.bytes()?);
    // The message may tell of what the client has been answered.
    let after = admin.session.depends_on();
    let receivers = admin.messages.publish(admin.engine, (kind, channel), text, after, Order::OfWorker);
    Ok(reply.int(receivers as i64))
}
