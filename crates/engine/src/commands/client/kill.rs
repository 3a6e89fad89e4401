//! CLIENT KILL.

use super::CONNECTION;
use super::filter::Filter;
use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};

pub(super) const KILL: Command<Run> = Command::new(
    Spec {
        name: "kill",
        since: "2.4.0",
        summary: "Closes the connection with an address, or those that meet all conditions.",
        complexity: "O(N), N being the number of connections",
        syntax: KILL_SYNTAX,
        arguments_since: &[
            ("client-id", "2.8.12"),
            ("client-type", "2.8.12"),
            ("master", "3.2.0"),
            ("replica", "5.0.0"),
            ("laddr", "6.2.0"),
            ("maxage", "7.4.0"),
        ],
        arguments_deprecated: &[("old-format", "2.8.12")],
        arity: -3,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        examples: "\
> CLIENT KILL 192.0.2.7:52000
(error) ERR No such client
> CLIENT KILL ID 7
(integer) 0",
        ..CONNECTION
    },
    Run::Admin(kill),
);

fn kill(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if args.left() == 1 {
        let filter = Filter::of_address(args.bytes()?);
        return match kill_selected(admin, &filter) {
            0 => Err(Error::new("ERR No such client")),
            _ => Ok(reply.ok()),
        };
    }
    let mut filter = Filter::parse(admin, args)?;
    filter.skip_me.get_or_insert(true);
    Ok(reply.len(kill_selected(admin, &filter)))
}

/// Closes the selected connections; answers how many. The asking one gets its reply first.
fn kill_selected(admin: &mut Admin<'_, '_>, filter: &Filter) -> usize {
    let own = admin.session.id;
    let mut killed = 0;
    for client in admin.engine.clients.all() {
        if !filter.selects(&client, own, admin.cx.now.us) {
            continue;
        }
        if client.id == own {
            admin.session.closing = true;
            killed += 1;
        } else {
            killed += usize::from(admin.engine.kill(client.id));
        }
    }
    killed
}

/// The conditions stand twice: in front, and in the repetition.
const KILL_SYNTAX: &str = "CLIENT KILL <ip:port:old-format | <\
[ID client-id [client-id ...]] | [TYPE <NORMAL | MASTER | PRIMARY | SLAVE | REPLICA | PUBSUB>:client-type] | \
[USER username] | [ADDR ip:port:addr] | [LADDR ip:port:laddr] | [SKIPME <YES | NO>] | [MAXAGE maxage] | [NAME name] | \
[IDLE idle] | [FLAGS flags] | [LIB-NAME lib-name] | [LIB-VER lib-ver] | [DB db] | [CAPA capa] | [IP ip] | \
[NOT-TYPE <NORMAL | MASTER | PRIMARY | SLAVE | REPLICA | PUBSUB>:not-client-type] | \
[NOT-ID not-client-id [not-client-id ...]] | [NOT-USER not-username] | [NOT-ADDR ip:port:not-addr] | \
[NOT-LADDR ip:port:not-laddr] | [NOT-NAME not-name] | [NOT-FLAGS not-flags] | [NOT-LIB-NAME not-lib-name] | \
[NOT-LIB-VER not-lib-ver] | [NOT-DB not-db] | [NOT-CAPA not-capa] | [NOT-IP not-ip] [\
[ID client-id [client-id ...]] | [TYPE <NORMAL | MASTER | PRIMARY | SLAVE | REPLICA | PUBSUB>] | \
[USER username] | [ADDR ip:port:addr] | [LADDR ip:port:addr] | [SKIPME <YES | NO>] | [MAXAGE maxage] | [NAME name] | \
[IDLE idle] | [FLAGS flags] | [LIB-NAME lib-name] | [LIB-VER lib-ver] | [DB db] | [CAPA capa] | [IP ip] | \
[NOT-TYPE <NORMAL | MASTER | PRIMARY | SLAVE | REPLICA | PUBSUB>] | \
[NOT-ID not-client-id [not-client-id ...]] | [NOT-USER not-username] | [NOT-ADDR ip:port:addr] | \
[NOT-LADDR ip:port:addr] | [NOT-NAME not-name] | [NOT-FLAGS not-flags] | [NOT-LIB-NAME not-lib-name] | \
[NOT-LIB-VER not-lib-ver] | [NOT-DB not-db] | [NOT-CAPA not-capa] | [NOT-IP not-ip] ...]>:new-format>:filter";
