//! HELLO: the protocol version, and with it login and name in one round trip.

use super::auth::log_in;
use crate::admin::Admin;
use crate::commands::client::checked_label;
use crate::registry::Run;
use crate::version::REDIS_VERSION;
use command::Flag::{AllowBusy, Fast, Loading, NoAuth, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec};
use resp::Proto;

const NOT_LOGGED_IN: Error = Error::new(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> \
     option can be used to authenticate the client and select the RESP protocol version at the same time",
);

pub(super) const HELLO: Command<Run> = Command::new(
    Spec {
        name: "hello",
        group: Group::Connection,
        since: "6.0.0",
        summary: "Chooses the protocol, logs in and names the connection, and tells what the server is.",
        syntax: "HELLO [protover [AUTH {username password}] [SETNAME clientname]]:arguments",
        arity: -1,
        flags: &[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy],
        footprint: Footprint::Nothing,
        examples: "\
> HELLO 4
(error) NOPROTO unsupported protocol version",
        ..Spec::DEFAULT
    },
    Run::Admin(hello),
);

/// What a HELLO asks for.
#[derive(Default)]
struct Wishes<'a> {
    proto: Option<Proto>,
    login: Option<(&'a [u8], &'a [u8])>,
    name: Option<&'a [u8]>,
}

fn hello(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let wishes = parse(admin, args)?;
    if let Some((user, password)) = wishes.login {
        log_in(admin, user, password)?;
    }
    if !admin.session.authenticated && !admin.settings.password.is_empty() {
        return Err(NOT_LOGGED_IN);
    }
    if let Some(name) = wishes.name {
        admin.session.client.labels.lock().name = name.to_vec();
    }
    if let Some(proto) = wishes.proto {
        admin.session.set_proto(proto);
    }
    let proto = admin.session.proto;
    Ok(introduce(admin, reply.in_proto(proto)))
}

fn parse<'a>(admin: &mut Admin<'_, '_>, args: &mut Args<'a>) -> Result<Wishes<'a>> {
    let mut wishes = Wishes::default();
    if args.is_empty() {
        return Ok(wishes);
    }
    let version = base::num::parse_i64(args.bytes()?);
    wishes.proto =
        match version.ok_or(Error::new("ERR Protocol version is not an integer or out of range"))? {
            2 => Some(Proto::Resp2),
            3 => Some(Proto::Resp3),
            _ => return Err(Error::new("NOPROTO unsupported protocol version")),
        };
    while let Some(option) = args.peek() {
        if args.left() > 2 && args.take("AUTH") {
            admin.secrets.extend(args.position()..args.position() + 2);
            wishes.login = Some((args.bytes()?, args.bytes()?));
        } else if args.take_with_value("SETNAME") {
            let name = args.bytes()?;
            wishes.name = Some(checked_label("Client names", name)?);
        } else {
            let text = [b"ERR Syntax error in HELLO option '", option, b"'"].concat();
            return Err(Error::with(text));
        }
    }
    Ok(wishes)
}

fn introduce(admin: &Admin<'_, '_>, reply: Reply<'_>) -> Done {
    let mut facts = reply.map(7);
    facts.bulk(b"server");
    facts.bulk(b"redis");
    facts.bulk(b"version");
    facts.bulk(REDIS_VERSION.as_bytes());
    facts.bulk(b"proto");
    facts.int(match admin.session.proto {
        Proto::Resp2 => 2,
        Proto::Resp3 => 3,
    });
    facts.bulk(b"id");
    facts.int(admin.session.id as i64);
    facts.bulk(b"mode");
    facts.bulk(b"standalone");
    facts.bulk(b"role");
    facts.bulk(b"master");
    facts.bulk(b"modules");
    facts.array(0);
    facts.done()
}
