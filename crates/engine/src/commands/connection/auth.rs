//! AUTH: until there are access control lists, one user, `default`, with the password `requirepass` or none.

use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{AllowBusy, Fast, Loading, NoAuth, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec};
use std::sync::atomic::Ordering::Relaxed;

/// The only user.
pub(crate) const DEFAULT_USER: &[u8] = b"default";

const WRONG: Error = Error::new("WRONGPASS invalid username-password pair or user is disabled.");
const NO_PASSWORD: Error = Error::new(
    "ERR AUTH <password> called without any password configured for the default user. \
     Are you sure your configuration is correct?",
);

pub(super) const AUTH: Command<Run> = Command::new(
    Spec {
        name: "auth",
        group: Group::Connection,
        summary: "Logs the connection in.",
        complexity: "O(N), N being the length of the password",
        syntax: "AUTH [username] password",
        arguments_since: &[("username", "6.0.0")],
        arity: -2,
        flags: &[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy],
        footprint: Footprint::Nothing,
        examples: "\
> AUTH default anything
OK
> AUTH somebody anything
(error) WRONGPASS invalid username-password pair or user is disabled.",
        ..Spec::DEFAULT
    },
    Run::Admin(auth),
);

fn auth(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let first = args.bytes()?;
    let second = args.bytes().ok();
    args.end()?;
    admin.secrets.extend(1..args.position());
    match second {
        Some(password) => log_in(admin, first, password)?,
        None if admin.settings.password.is_empty() => return Err(NO_PASSWORD),
        None => log_in(admin, DEFAULT_USER, first)?,
    }
    Ok(reply.ok())
}

/// Authenticates the session as a user.
///
/// # Errors
/// The user doesn't exist or the password is another: the same error, which is counted.
pub(super) fn log_in(admin: &mut Admin<'_, '_>, user: &[u8], password: &[u8]) -> Result<()> {
    let expected = &admin.settings.password;
    // Without `requirepass` the default user takes any password.
    let right = expected.is_empty() | same_secret(password, expected);
    if user != DEFAULT_USER || !right {
        admin.engine.stats.denied_auth.fetch_add(1, Relaxed);
        return Err(WRONG);
    }
    admin.session.authenticated = true;
    admin.session.client.labels.lock().user = user.to_vec();
    Ok(())
}

/// Whether two secrets are equal. Takes a time that depends on the length of `given` alone, so that measuring it tells
/// nothing about `expected`.
fn same_secret(given: &[u8], expected: &[u8]) -> bool {
    let mut difference = given.len() ^ expected.len();
    for (at, byte) in given.iter().enumerate() {
        // An empty secret is compared with zeros.
        let other = expected.get(at % expected.len().max(1)).copied().unwrap_or(0);
        difference |= usize::from(byte ^ other);
    }
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::same_secret;

    #[test]
    fn secrets() {
        let cases: [(&[u8], &[u8], bool); 7] = [
            (b"secret", b"secret", true),
            (b"secret", b"Secret", false),
            (b"secretsecret", b"secret", false),
            (b"sec", b"secret", false),
            (b"", b"secret", false),
            (b"\0", b"", false),
            (b"", b"", true),
        ];
        for (given, expected, same) in cases {
            assert_eq!(same_secret(given, expected), same, "{given:?} {expected:?}");
        }
    }
}
