//! The events of a key come in the order of its changes, whichever workers make them, and none is left out.

use super::journal::commands;
use super::messages::subscriptions_of;
use crate::plan::structured::REGISTERS;
use crate::run::Ended;

/// Before the key's name in the name of its channel, in database 0.
pub(super) const CHANNEL: &[u8] = b"__keyspace@0__:";

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    for key in REGISTERS {
        let channel = [CHANNEL, key.as_bytes()].concat();
        let changes = changes_of(key.as_bytes(), &ended.journal);
        for (client, inbox) in &ended.inboxes {
            let subscriptions = subscriptions_of(inbox.heard())?;
            for subscription in subscriptions.iter().filter(|one| one.topic.name == channel) {
                let told = &subscription.texts;
                let agrees = match subscription.left {
                    u64::MAX => changes.ends_with(told),
                    _ => told.is_empty() || changes.windows(told.len()).any(|some| some == told),
                };
                if !agrees {
                    let shown = |events: &[&[u8]]| String::from_utf8_lossy(&events.join(&b' ')).into_owned();
                    let (told, changes) = (shown(told), shown(&changes));
                    return Err(format!("client {client} was told of {key}: {told}\nits changes: {changes}"));
                }
            }
        }
    }
    Ok(())
}

/// The events of a key in database 0, by the journal.
fn changes_of(key: &[u8], journal: &[u8]) -> Vec<&'static [u8]> {
    let mut db = b"0".to_vec();
    let mut events: Vec<&'static [u8]> = Vec::new();
    for words in commands(journal) {
        let name = words[0].to_ascii_uppercase();
        match &name[..] {
            b"SELECT" => db.clone_from(&words[1]),
            _ if db != b"0" || words.get(1).is_none_or(|word| word != key) => {}
            b"SET" | b"SETNX" | b"GETSET" => events.push(b"set"),
            b"INCR" | b"INCRBY" | b"DECRBY" => events.push(b"incrby"),
            b"APPEND" => events.push(b"append"),
            b"DEL" | b"GETDEL" => events.push(b"del"),
            _ => events.push(b"?"),
        }
    }
    events
}
