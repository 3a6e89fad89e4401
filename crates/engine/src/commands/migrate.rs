//! MIGRATE: moves keys to another server.

use crate::admin::Admin;
use crate::migrate::{Migration, Wish};
use crate::registry::Run;
use crate::session::Blocked;
use command::Flag::{Dangerous, MovableKeys, NoMulti, Write};
use command::KeyFlag::{Access, Delete, Incomplete, ReadWrite};
use command::{
    Args, Begin, Command, Done, Error, Find, Group, KeySpec, Reach, Replicate, Reply, Result, Spec,
};

/// The command.
pub(crate) const COMMANDS: &[Command<Run>] = &[MIGRATE];

const MIGRATE: Command<Run> = Command::new(
    Spec {
        name: "migrate",
        group: Group::Generic,
        since: "2.6.0",
        summary: "Moves or copies keys to another server.",
        complexity: "O(N), N being the number of elements and bytes of the values",
        syntax: "MIGRATE host port:integer <key | \"\":empty-string>:key-selector destination-db:integer timeout:integer \
                 [COPY] [REPLACE] [<AUTH password:auth | AUTH2 {username password}:auth2>:authentication] \
                 [KEYS key:keys [key ...]]",
        arguments_since: &[
            ("copy", "3.0.0"),
            ("replace", "3.0.0"),
            ("auth", "4.0.7"),
            ("auth2", "6.0.0"),
            ("keys", "3.0.6"),
        ],
        arity: -6,
        flags: &[Write, MovableKeys, NoMulti, Dangerous],
        keys: &[
            KeySpec::one(3, &[ReadWrite, Access, Delete]),
            KeySpec {
                begin: Begin::Keyword { word: "KEYS", start: -2 },
                find: Find::Range { last: -1, step: 1, limit: 0 },
                flags: &[ReadWrite, Access, Delete, Incomplete],
                notes: None,
            },
        ],
        reach: Some(reach),
        // The keys that have gone are recorded when they go.
        replicate: Replicate::Never,
        tips: &["nondeterministic_output"],
        examples: "\
> MIGRATE 127.0.0.1 7777 greeting 0 1000
NOKEY
> MIGRATE 127.0.0.1 7777 greeting 0 1000 KEYS greeting
(error) ERR When using MIGRATE KEYS option, the key argument must be set to the empty string
> MIGRATE 127.0.0.1 7777 greeting zero 1000
(error) ERR value is not an integer or out of range
> SET greeting hello
OK
> MIGRATE 127.0.0.1 7777 greeting 0 1000 COPY AUTH
(error) ERR syntax error",
        ..Spec::DEFAULT
    },
    Run::Admin(migrate),
);

/// Where a word KEYS may also be a key or a password, the specification may miss keys.
fn reach(words: resp::Args<'_>) -> Reach {
    let is_keys = |word: &&[u8]| word.eq_ignore_ascii_case(b"KEYS");
    Reach { key: None, unknown: words.slice(FIRST_OPTION..).iter().filter(is_keys).count() > 1 }
}

/// The index of the first word that may be an option.
const FIRST_OPTION: usize = 6;
/// The timeout of those who give none.
const DEFAULT_TIMEOUT_MS: u64 = 1000;

/// The options.
#[derive(Default)]
struct Options<'a> {
    copy: bool,
    replace: bool,
    auth: Vec<Vec<u8>>,
    /// The words behind KEYS, if it was given.
    keys: Option<Vec<&'a [u8]>>,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>, key: &[u8], secrets: &mut Vec<usize>) -> Result<Options<'a>> {
        let mut options = Options::default();
        while !args.is_empty() && options.keys.is_none() {
            if args.take("COPY") {
                options.copy = true;
            } else if args.take("REPLACE") {
                options.replace = true;
            } else if args.take("AUTH") {
                options.read_secrets(args, 1, secrets)?;
            } else if args.take("AUTH2") {
                options.read_secrets(args, 2, secrets)?;
            } else if args.take("KEYS") {
                if !key.is_empty() {
                    return Err(KEY_AND_KEYS);
                }
                options.keys = Some(args.rest().collect());
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }

    fn read_secrets(&mut self, args: &mut Args<'_>, count: usize, secrets: &mut Vec<usize>) -> Result<()> {
        if args.left() < count {
            return Err(Error::SYNTAX);
        }
        secrets.extend(args.position()..args.position() + count);
        self.auth =
            std::iter::once(b"AUTH".as_slice()).chain(args.take_many(count)).map(<[u8]>::to_vec).collect();
        Ok(())
    }
}

const KEY_AND_KEYS: Error =
    Error::new("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");

fn migrate(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (host, port, key) = (args.bytes()?, args.bytes()?, args.bytes()?);
    let numbers = args.position();
    args.seek(FIRST_OPTION);
    let options = Options::parse(args, key, admin.secrets)?;
    args.seek(numbers);
    let (db, timeout_ms) = (args.int()?, args.int()?);
    let wish = Wish {
        // What is no port can't be connected to, and is noticed then.
        place: (String::from_utf8_lossy(host).into_owned(), port_of(port)),
        db,
        timeout_ms: u64::try_from(timeout_ms).ok().filter(|ms| *ms > 0).unwrap_or(DEFAULT_TIMEOUT_MS),
        auth: options.auth,
        copy: options.copy,
        replace: options.replace,
    };
    let keys = options.keys.unwrap_or_else(|| vec![key]).into_iter();
    let Some(migration) = Migration::prepare(wish, admin.session, admin.worker, admin.cx, keys) else {
        return Ok(reply.simple("NOKEY"));
    };
    admin.session.blocked = Some(Blocked::Elsewhere);
    migration.send(admin.engine);
    Ok(reply.silence())
}

fn port_of(word: &[u8]) -> u16 {
    base::num::parse_i64(word).and_then(|port| u16::try_from(port).ok()).unwrap_or(0)
}
