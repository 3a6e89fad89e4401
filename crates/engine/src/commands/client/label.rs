//! What a client says of itself: CLIENT SETNAME, GETNAME, SETINFO.

use super::CONNECTION;
use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};

pub(super) const SETNAME: Command<Run> = Command::new(
    Spec {
        name: "setname",
        since: "2.6.9",
        summary: "Names the connection; an empty name takes it away.",
        complexity: "O(N), N being the length of the name",
        syntax: "CLIENT SETNAME connection-name",
        arity: 3,
        flags: &[NoScript, Loading, Stale],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        examples: "\
> CLIENT SETNAME worker:7
OK
> CLIENT SETNAME \"worker 7\"
(error) ERR Client names cannot contain spaces, newlines or special characters.",
        ..CONNECTION
    },
    Run::Admin(set_name),
);

fn set_name(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let name = checked_label("Client names", args.bytes()?)?;
    admin.session.client.labels.lock().name = name.to_vec();
    Ok(reply.ok())
}

pub(super) const GETNAME: Command<Run> = Command::new(
    Spec {
        name: "getname",
        since: "2.6.9",
        summary: "The connection's name.",
        syntax: "CLIENT GETNAME",
        arity: 2,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT GETNAME
(nil)
> CLIENT SETNAME worker:7
OK
> CLIENT GETNAME
\"worker:7\"",
        ..CONNECTION
    },
    Run::Admin(get_name),
);

fn get_name(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let labels = admin.session.client.labels.lock();
    Ok(if labels.name.is_empty() { reply.null() } else { reply.bulk(&labels.name) })
}

pub(super) const SETINFO: Command<Run> = Command::new(
    Spec {
        name: "setinfo",
        since: "7.2.0",
        summary: "Names the library behind the connection.",
        complexity: "O(N), N being the length of the value",
        syntax: "CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>:attr",
        arity: 4,
        flags: &[NoScript, Loading, Stale],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        examples: "\
> CLIENT SETINFO LIB-NAME redis-py
OK
> CLIENT SETINFO COLOR green
(error) ERR Unrecognized option 'COLOR'",
        ..CONNECTION
    },
    Run::Admin(set_info),
);

fn set_info(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (option, value) = (args.bytes()?, args.bytes()?);
    let mut labels = admin.session.client.labels.lock();
    let label = match option.to_ascii_lowercase().as_slice() {
        b"lib-name" => &mut labels.library_name,
        b"lib-ver" => &mut labels.library_version,
        _ => return Err(Error::with([b"ERR Unrecognized option '", option, b"'"].concat())),
    };
    *label = checked_label(&String::from_utf8_lossy(option), value)?.to_vec();
    Ok(reply.ok())
}

/// A text that stands in a line of CLIENT LIST: visible ASCII characters only, for the line separates its fields by
/// spaces.
pub(in crate::commands) fn checked_label<'a>(what: &str, text: &'a [u8]) -> Result<&'a [u8]> {
    if text.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        return Ok(text);
    }
    Err(Error::with(format!("ERR {what} cannot contain spaces, newlines or special characters.")))
}
