//! CLIENT LIST, CLIENT INFO and CLIENT ID.

use super::CONNECTION;
use super::filter::Filter;
use super::line::{self, Moment};
use crate::admin::Admin;
use crate::client::Client;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};
use std::sync::Arc;

pub(super) const ID: Command<Run> = Command::new(
    Spec {
        name: "id",
        since: "5.0.0",
        summary: "The connection's number: larger than that of every connection before it.",
        syntax: "CLIENT ID",
        arity: 2,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT ID
(integer) 1",
        ..CONNECTION
    },
    Run::Admin(|admin, _, reply| Ok(reply.int(admin.session.id as i64))),
);

pub(super) const INFO: Command<Run> = Command::new(
    Spec {
        name: "info",
        since: "6.2.0",
        summary: "The line of CLIENT LIST about this connection.",
        syntax: "CLIENT INFO",
        arity: 2,
        flags: &[NoScript, Loading, Stale],
        tips: &["nondeterministic_output"],
        ..CONNECTION
    },
    Run::Admin(info),
);

fn info(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.verbatim(&lines(admin, args, std::slice::from_ref(&admin.session.client))))
}

pub(super) const LIST: Command<Run> = Command::new(
    Spec {
        name: "list",
        since: "2.4.0",
        summary: "One line for each connection, or for those that meet all conditions.",
        complexity: "O(N), N being the number of connections",
        syntax: "CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>:client-type] [ID client-id [client-id ...]] \
                 [USER username] [ADDR ip:port:addr] [LADDR ip:port:laddr] [SKIPME <YES | NO>] [MAXAGE maxage] \
                 [NAME name] [IDLE idle] [FLAGS flags] [LIB-NAME lib-name] [LIB-VER lib-ver] [DB db] [CAPA capa] [IP ip] \
                 [NOT-TYPE <NORMAL | MASTER | REPLICA | PUBSUB>:not-client-type] \
                 [NOT-ID not-client-id [not-client-id ...]] [NOT-USER not-username] [NOT-ADDR ip:port:not-addr] \
                 [NOT-LADDR ip:port:not-laddr] [NOT-NAME not-name] [NOT-FLAGS not-flags] [NOT-LIB-NAME not-lib-name] \
                 [NOT-LIB-VER not-lib-ver] [NOT-DB not-db] [NOT-CAPA not-capa] [NOT-IP not-ip]",
        arguments_since: &[("client-id", "6.2.0"), ("client-type", "5.0.0")],
        arity: -2,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        tips: &["nondeterministic_output"],
        examples: "\
> CLIENT LIST ID 1 DB 3
\"\"
> CLIENT LIST TYPE friendly
(error) ERR Unknown client type 'friendly'",
        ..CONNECTION
    },
    Run::Admin(list),
);

fn list(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    only_numbers_behind_id(args)?;
    let filter = Filter::parse(admin, args)?;
    let mut clients = admin.engine.clients.all();
    clients.retain(|client| filter.selects(client, admin.session.id, admin.cx.now.us));
    Ok(reply.verbatim(&lines(admin, args, &clients)))
}

/// CLIENT LIST ID with nothing but numbers is older than the other conditions and has an error of its own.
fn only_numbers_behind_id(args: &Args<'_>) -> Result<()> {
    let mut words = args.clone();
    if !words.take_with_value("ID") {
        return Ok(());
    }
    let first = words.bytes()?;
    if base::num::parse_i64(first).is_some() { Ok(()) } else { Err(Error::new("ERR Invalid client ID")) }
}

fn lines(admin: &Admin<'_, '_>, args: &Args<'_>, clients: &[Arc<Client>]) -> Vec<u8> {
    let moment = Moment {
        engine: admin.engine,
        now_us: admin.cx.now.us,
        asking: (admin.session.id, args.all().total_len()),
    };
    let mut text = Vec::new();
    for client in clients {
        line::write(&mut text, client, &moment);
        text.push(b'\n');
    }
    text
}
