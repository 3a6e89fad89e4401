//! The conditions that select clients for CLIENT LIST and CLIENT KILL: those of Redis and of Valkey 9.

use super::flags;
use crate::admin::Admin;
use crate::client::{Client, ClientClass};
use crate::commands::connection::DEFAULT_USER;
use command::{Args, Error, Result};
use std::sync::atomic::Ordering::Relaxed;

/// Which clients are meant: those that meet all conditions.
#[derive(Default)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
    /// SKIPME, if it was given.
    pub(super) skip_me: Option<bool>,
}

/// One condition.
struct Condition {
    /// Its option without NOT-.
    option: &'static str,
    negated: bool,
    test: Test,
}

/// What a condition asks of a client.
enum Test {
    Ids(Vec<u64>),
    Class(ClientClass),
    User(Vec<u8>),
    Address(Vec<u8>),
    LocalAddress(Vec<u8>),
    Ip(Vec<u8>),
    Name(Vec<u8>),
    LibraryName(Vec<u8>),
    LibraryVersion(Vec<u8>),
    Flags(Vec<u8>),
    Db(u32),
    /// Connected for at least so many seconds.
    Age(i64),
    /// Idle for at least so many seconds.
    Idle(i64),
    /// CLIENT CAPA, which no client can have said.
    Capability,
}

/// The options, and whether each also exists with NOT- in front.
const OPTIONS: [(&str, bool); 14] = [
    ("ID", true),
    ("TYPE", true),
    ("USER", true),
    ("ADDR", true),
    ("LADDR", true),
    ("IP", true),
    ("NAME", true),
    ("LIB-NAME", true),
    ("LIB-VER", true),
    ("FLAGS", true),
    ("DB", true),
    ("CAPA", true),
    ("MAXAGE", false),
    ("IDLE", false),
];

impl Filter {
    /// Reads all the arguments that are left as conditions. An option given again replaces what it said before.
    ///
    /// # Errors
    /// Redis' and Valkey's errors.
    pub(super) fn parse(admin: &Admin<'_, '_>, args: &mut Args<'_>) -> Result<Filter> {
        let mut filter = Filter::default();
        while !args.is_empty() {
            if args.take_with_value("SKIPME") {
                filter.skip_me = Some(yes_or_no(args)?);
                continue;
            }
            let (option, negated) = take_option(args).ok_or(Error::SYNTAX)?;
            let test = Test::parse(option, admin, args)?;
            filter.conditions.retain(|other| (other.option, other.negated) != (option, negated));
            filter.conditions.push(Condition { option, negated, test });
        }
        Ok(filter)
    }

    /// The filter that the old form of CLIENT KILL means: one address.
    pub(super) fn of_address(address: &[u8]) -> Filter {
        let test = Test::Address(address.to_vec());
        Filter { conditions: vec![Condition { option: "ADDR", negated: false, test }], skip_me: Some(false) }
    }

    /// Whether a client is meant. `own` is the id of the client that asks.
    pub(super) fn selects(&self, client: &Client, own: u64, now_us: i64) -> bool {
        let skipped = self.skip_me == Some(true) && client.id == own;
        !skipped && self.conditions.iter().all(|condition| condition.holds(client, now_us))
    }
}

fn yes_or_no(args: &mut Args<'_>) -> Result<bool> {
    match args {
        _ if args.take("YES") => Ok(true),
        _ if args.take("NO") => Ok(false),
        _ => Err(Error::SYNTAX),
    }
}

/// Reads an option that at least one more word follows; answers its name and whether NOT- stands in front.
fn take_option(args: &mut Args<'_>) -> Option<(&'static str, bool)> {
    let word = args.peek().filter(|_| args.left() >= 2)?.to_ascii_uppercase();
    let positive = word.strip_prefix(b"NOT-");
    let name = positive.unwrap_or(&word);
    let known =
        |(option, negatable): &&(&str, bool)| option.as_bytes() == name && (*negatable || positive.is_none());
    let (option, _) = OPTIONS.iter().find(known)?;
    args.seek(args.position() + 1);
    Some((option, positive.is_some()))
}

impl Test {
    fn parse(option: &str, admin: &Admin<'_, '_>, args: &mut Args<'_>) -> Result<Test> {
        let text = |args: &mut Args<'_>| args.bytes().map(<[u8]>::to_vec);
        Ok(match option {
            "ID" => Test::Ids(client_ids(args)?),
            "TYPE" => Test::Class(client_class(args.bytes()?)?),
            "USER" => Test::User(existing_user(args.bytes()?)?),
            "ADDR" => Test::Address(text(args)?),
            "LADDR" => Test::LocalAddress(text(args)?),
            "IP" => Test::Ip(text(args)?),
            "NAME" => Test::Name(text(args)?),
            "LIB-NAME" => Test::LibraryName(text(args)?),
            "LIB-VER" => Test::LibraryVersion(text(args)?),
            "FLAGS" => Test::Flags(known_flags(args.bytes()?)?),
            "DB" => Test::Db(database(args.bytes()?, admin.settings.limits.databases)?),
            "CAPA" => known_capability(args.bytes()?)?,
            "MAXAGE" => Test::Age(seconds("maxage", args.bytes()?)?),
            "IDLE" => Test::Idle(seconds("idle", args.bytes()?)?),
            _ => unreachable!("every option is read above"),
        })
    }
}

/// One id, and as many more as follow.
fn client_ids(args: &mut Args<'_>) -> Result<Vec<u64>> {
    let positive =
        |word: &[u8]| base::num::parse_i64(word).and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0);
    let first = positive(args.bytes()?);
    let mut ids = vec![first.ok_or(Error::new("ERR client-id should be greater than 0"))?];
    while let Some(id) = args.peek().and_then(positive) {
        ids.push(id);
        args.seek(args.position() + 1);
    }
    Ok(ids)
}

fn client_class(word: &[u8]) -> Result<ClientClass> {
    match word.to_ascii_lowercase().as_slice() {
        b"normal" => Ok(ClientClass::Normal),
        b"master" | b"primary" => Ok(ClientClass::Primary),
        b"slave" | b"replica" => Ok(ClientClass::Replica),
        b"pubsub" => Ok(ClientClass::PubSub),
        _ => Err(quoting("ERR Unknown client type '", word)),
    }
}

fn quoting(text: &str, word: &[u8]) -> Error {
    Error::with([text.as_bytes(), word, b"'"].concat())
}

fn existing_user(name: &[u8]) -> Result<Vec<u8>> {
    if name == DEFAULT_USER { Ok(name.to_vec()) } else { Err(quoting("ERR No such user '", name)) }
}

fn known_flags(letters: &[u8]) -> Result<Vec<u8>> {
    match flags::unknown(letters) {
        None => Ok(letters.to_vec()),
        Some(letter) => Err(Error::with(
            [b"ERR Unknown flags found in the provided filter: ".as_slice(), &[letter]].concat(),
        )),
    }
}

/// CLIENT CAPA knows one capability, `r`: following redirections.
fn known_capability(letters: &[u8]) -> Result<Test> {
    match letters.iter().find(|letter| **letter != b'r') {
        None => Ok(Test::Capability),
        Some(letter) => Err(Error::with(
            [b"ERR Unknown capa found in the provided filter: ".as_slice(), &[*letter]].concat(),
        )),
    }
}

fn database(word: &[u8], databases: u32) -> Result<u32> {
    let number = base::num::parse_i64(word).ok_or(Error::new("ERR DB is not an integer or out of range"))?;
    let db = u32::try_from(number).ok().filter(|db| *db < databases);
    db.ok_or_else(|| Error::with(format!("ERR DB number should be between 0 and {}", databases - 1)))
}

fn seconds(what: &str, word: &[u8]) -> Result<i64> {
    let number = base::num::parse_i64(word);
    match number.ok_or_else(|| Error::with(format!("ERR {what} is not an integer or out of range")))? {
        seconds if seconds > 0 => Ok(seconds),
        _ => Err(Error::with(format!("ERR {what} should be greater than 0"))),
    }
}

impl Condition {
    fn holds(&self, client: &Client, now_us: i64) -> bool {
        self.test.holds(client, now_us) != self.negated
    }
}

impl Test {
    fn holds(&self, client: &Client, now_us: i64) -> bool {
        let lasts = |since_us: i64, seconds: i64| (now_us - since_us) / 1_000_000 >= seconds;
        match self {
            Test::Ids(ids) => ids.contains(&client.id),
            Test::Class(class) => client.class() == *class,
            Test::User(user) => client.labels.lock().user == *user,
            Test::Address(address) => client.peer.remote().as_bytes() == address,
            Test::LocalAddress(address) => client.peer.local().as_bytes() == address,
            Test::Ip(ip) => ip_of(&client.peer.remote()).as_bytes() == ip,
            Test::Name(name) => client.labels.lock().name == *name && !name.is_empty(),
            Test::LibraryName(name) => client.labels.lock().library_name == *name && !name.is_empty(),
            Test::LibraryVersion(version) => {
                client.labels.lock().library_version == *version && !version.is_empty()
            }
            Test::Flags(letters) => {
                let present = flags::of(client);
                letters.iter().all(|letter| present.as_bytes().contains(letter))
            }
            Test::Db(db) => client.db.load(Relaxed) == *db,
            Test::Age(seconds) => lasts(client.connected_us, *seconds),
            Test::Idle(seconds) => lasts(client.active_us.load(Relaxed), *seconds),
            Test::Capability => false,
        }
    }
}

/// The address without its port. IPv6 addresses stand in brackets there, not here.
fn ip_of(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}
