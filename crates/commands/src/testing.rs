//! A keyspace and what a handler needs around it, for tests: commands run as a server would run them, on a clock that
//! the test moves.

use command::{
    Args, Caller, Claim, Command, Cx, Done, Effects, Event, Expired, Footprint, Handler, Interest, Limits,
    Now, Park, Replicate, Reply, Ripening, Scope, Shards, Waiter, WaiterRef,
};
use keyspace::{DbIndex, Locked};
use resp::reply::Value;
use resp::{OwnedArgs, Proto, Writer};
use std::fmt::Write as _;
use std::sync::Arc;

/// What a transcript shows besides replies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Show {
    /// Nothing.
    Replies,
    /// Keyspace events and journal records too.
    Effects,
}

/// A server without an engine: databases in four shards, one client after another.
pub(crate) struct Testing {
    pub(crate) shards: Arc<Shards>,
    pub(crate) limits: Limits,
    pub(crate) now: Now,
    /// The database that commands run in.
    pub(crate) db: DbIndex,
    /// Whether commands may wait, as they may not in a transaction.
    pub(crate) may_block: bool,
    /// The client that runs commands; 0 for the server itself.
    pub(crate) client_id: u64,
    /// What becomes of keys and elements whose time is over.
    pub(crate) expired: Expired,
    rng: base::prng::Prng,
    effects: Effects,
    waiting: Vec<(String, WaiterRef)>,
    /// Replies to waiters, with the names of the clients, in the order in which they were served.
    pub(crate) served: Vec<(String, Vec<u8>)>,
}

impl Testing {
    pub(crate) fn new() -> Testing {
        Testing {
            shards: Arc::new(Shards::new(4, 1, None)),
            limits: Limits::default(),
            now: Now { us: 1_700_000_000_000_000 },
            db: 0,
            may_block: true,
            client_id: 1,
            expired: Expired::Removed,
            rng: base::prng::Prng::new(1),
            effects: Effects {
                interest: Interest {
                    journal: true,
                    gate: false,
                    changes: true,
                    elements: true,
                    invalidations: false,
                },
                ..Effects::default()
            },
            waiting: Vec::new(),
            served: Vec::new(),
        }
    }

    pub(crate) fn advance_ms(&mut self, ms: i64) {
        self.now.us += ms * 1000;
    }

    /// Runs a line of quoted words; answers the reply's bytes in RESP2, nothing if the command waits.
    pub(crate) fn run(&mut self, line: &str) -> Vec<u8> {
        let words = base::quote::split_args(line.as_bytes()).expect("balanced quotes");
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        self.run_words(Proto::Resp2, "", &words)
    }

    /// As [`Testing::run`], the reply as redis-cli prints it.
    pub(crate) fn print(&mut self, line: &str) -> String {
        let reply = self.run(line);
        command::transcript::print(&parse(&reply))
    }

    /// Runs words for the client of this name. Served waiters' replies are added to [`Testing::served`].
    pub(crate) fn run_words(&mut self, proto: Proto, client: &str, words: &[&[u8]]) -> Vec<u8> {
        let (command, skip) = find(words);
        let mut out = Vec::new();
        if !arity_fits(command.spec.arity, words.len()) {
            let text = format!("ERR wrong number of arguments for '{}' command", command.spec.name);
            Writer::new(&mut out, proto).error(text.as_bytes());
            return out;
        }
        let each = command.spec.footprint == Footprint::Each;
        let shards = self.shards.clone();
        let ids: Vec<_> = if each { Vec::new() } else { shards.ids().collect() };
        let mut held = shards.acquire(&ids);
        let mut cx = self.cx(&shards, &mut held.shards, each);
        let owned = OwnedArgs::from_slices(words);
        let dirty = cx.effects.dirty;
        let result =
            (command.run)(&mut cx, &mut Args::new(owned.as_args(), skip), Reply::new(&mut out, proto));
        let said = std::mem::take(&mut cx.effects.outcome_given);
        if cx.effects.dirty > dirty && !said && command.spec.replicate != Replicate::Never {
            cx.effects.record(cx.db, words);
        }
        match result.map(Done::into_park) {
            Ok(None) => {}
            Ok(Some(park)) => {
                let waiter = park_in(&mut cx, *park, proto);
                self.waiting.push((client.to_owned(), waiter));
            }
            Err(error) => {
                out.clear();
                Writer::new(&mut out, proto).error(error.text());
            }
        }
        self.serve(&shards, &mut held.shards);
        drop(held);
        self.expire_overdue();
        out
    }

    fn cx<'t>(&'t mut self, shards: &'t Shards, held: &'t mut [Locked<'_, WaiterRef>], each: bool) -> Cx<'t> {
        let many = held.iter_mut().map(|locked| (locked.id, &mut *locked.shard)).collect();
        Cx {
            scope: if each { Scope::Each } else { Scope::Many(many) },
            shards,
            db: self.db,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller: Caller {
                client_id: self.client_id,
                may_block: self.may_block,
                expired: self.expired,
                ..Caller::default()
            },
            limits: &self.limits,
        }
    }

    /// Serves waiters of ready keys, oldest first, as an engine does.
    fn serve(&mut self, shards: &Shards, held: &mut [Locked<'_, WaiterRef>]) {
        while !self.effects.ready.is_empty() {
            let (db, key) = self.effects.ready.remove(0);
            let mut passed = 0;
            loop {
                let mut cx = self.cx(shards, held, false);
                cx.db = db;
                let present = cx.look(&key).is_some();
                let Some(waiter) = cx.shard(&key).waiters.of(db, &key).and_then(|queue| queue.get(passed))
                else {
                    break;
                };
                let waiter = waiter.clone();
                let asked = present || waiter.step.minds_absence();
                if !asked || !waiter.step.ready(&mut cx, &key) || !waiter.claim.claim() {
                    passed += 1;
                    continue;
                }
                let mut reply = Vec::new();
                if let Err(error) = waiter.step.serve(&mut cx, &key, Reply::new(&mut reply, waiter.proto)) {
                    reply.clear();
                    Writer::new(&mut reply, waiter.proto).error(error.text());
                }
                cx.effects.outcome_given = false;
                unpark(&mut cx, &waiter);
                let at = self.waiting.iter().position(|(_, other)| Arc::ptr_eq(other, &waiter));
                let (name, _) = self.waiting.remove(at.expect("parked by a client"));
                self.served.push((name, reply));
            }
        }
    }

    /// The reply of a waiting client whose time is up.
    pub(crate) fn time_out(&mut self, client: &str) -> Vec<u8> {
        let at = self.waiting.iter().position(|(name, _)| name == client).expect("the client waits");
        let (_, waiter) = self.waiting.remove(at);
        let shards = self.shards.clone();
        let ids: Vec<_> = shards.ids().collect();
        let mut held = shards.acquire(&ids);
        unpark(&mut self.cx(&shards, &mut held.shards, false), &waiter);
        drop(held);
        let mut out = Vec::new();
        assert!(waiter.step.timed_out(Reply::new(&mut out, waiter.proto)).into_park().is_none());
        out
    }

    fn expire_overdue(&mut self) {
        for (db, key) in std::mem::take(&mut self.effects.overdue) {
            let shards = self.shards.clone();
            let ids: Vec<_> = shards.ids().collect();
            let mut held = shards.acquire(&ids);
            let _ = self.cx(&shards, &mut held.shards, false).slot_in(db, &key);
        }
    }

    /// What the commands since the last call have told, cleared by this call.
    pub(crate) fn take_effects(&mut self) -> Effects {
        let interest = self.effects.interest;
        std::mem::replace(&mut self.effects, Effects { interest, ..Effects::default() })
    }

    /// Keyspace events since the effects were taken, such as `set k`; in another database than 0 `set 3:k`.
    pub(crate) fn events(&self) -> Vec<String> {
        let event = |change: &command::Change| {
            let db = if change.db == 0 { String::new() } else { format!("{}:", change.db) };
            format!("{} {db}{}", change.event.name, change.key.escape_ascii())
        };
        self.effects.changes.iter().filter(|change| is_recorded(change.event)).map(event).collect()
    }

    /// Journal records since the effects were taken, as lines of words.
    pub(crate) fn records(&self) -> Vec<String> {
        let record = |(db, bytes): (DbIndex, &[u8])| {
            let Value::Array(words) = parse(bytes) else { panic!("a record is a request") };
            let words: Vec<String> = words.iter().map(word).collect();
            let db = if db == 0 { String::new() } else { format!("{db}: ") };
            format!("{db}{}", words.join(" "))
        };
        self.effects.records.iter().map(record).collect()
    }

    /// The words of the journal records since the effects were taken, which this clears.
    pub(crate) fn take_records(&mut self) -> Vec<Vec<Vec<u8>>> {
        let bytes = |word: Value| match word {
            Value::Bulk(bytes) => bytes,
            other => panic!("a request consists of strings: {other:?}"),
        };
        let words = |(_, record): (DbIndex, &[u8])| match parse(record) {
            Value::Array(words) => words.into_iter().map(bytes).collect(),
            other => panic!("a record is a request: {other:?}"),
        };
        let records = self.effects.records.iter().map(words).collect();
        self.take_effects();
        records
    }

    /// Runs the commands of a transcript and writes it anew: a test compares both. Lines are
    ///
    /// ```text
    /// # a comment                    kept
    /// > GET k                        a command, its reply in the next line
    /// 3> GET k                       the same in RESP3
    /// A> BLPOP k 0                   the same for a client called A; its reply may be `(waits)`
    ///   A gets ["k", "v"]            written when a command serves A
    /// A> (time is up)                ends the waiting of A
    /// (+1500 ms)                     moves the clock
    /// (db 3)                         further commands run in database 3
    ///   event set k                  written if effects are shown
    ///   record SET k v               likewise
    /// ```
    pub(crate) fn replay(&mut self, transcript: &str, show: Show) -> String {
        let mut out = String::new();
        for line in transcript.lines() {
            if line.is_empty() || line.starts_with('#') {
                out.push_str(line);
                out.push('\n');
            } else if let Some(ms) = line.strip_prefix("(+").and_then(|rest| rest.strip_suffix(" ms)")) {
                self.advance_ms(ms.parse().expect("milliseconds"));
                writeln!(out, "{line}").expect("a string");
            } else if let Some(db) = line.strip_prefix("(db ").and_then(|rest| rest.strip_suffix(')')) {
                self.db = db.parse().expect("a database");
                writeln!(out, "{line}").expect("a string");
            } else if let Some((client, command)) = prompt(line) {
                writeln!(out, "{line}").expect("a string");
                self.replay_one(client, command, show, &mut out);
            }
        }
        out
    }

    /// Checks that a transcript is what running its commands on an empty server gives.
    pub(crate) fn check(transcript: &str, show: Show) {
        let replayed = Testing::new().replay(transcript, show);
        let differ = replayed.lines().zip(transcript.lines()).position(|(now, then)| now != then);
        if let Some(line) = differ {
            let around =
                |text: &str| text.lines().skip(line.saturating_sub(3)).take(6).collect::<Vec<_>>().join("\n");
            panic!("line {}:\n{}\n-- but expected:\n{}", line + 1, around(&replayed), around(transcript));
        }
        assert_eq!(replayed.lines().count(), transcript.lines().count());
    }

    fn replay_one(&mut self, client: &str, command: &str, show: Show, out: &mut String) {
        self.take_effects();
        let reply = if command == "(time is up)" {
            self.time_out(client)
        } else {
            let words = base::quote::split_args(command.as_bytes()).expect("balanced quotes");
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let proto = if client == "3" { Proto::Resp3 } else { Proto::Resp2 };
            self.run_words(proto, client, &words)
        };
        let reply = if reply.is_empty() { "(waits)".to_owned() } else { short(&parse(&reply)) };
        writeln!(out, "{reply}").expect("a string");
        for (name, reply) in std::mem::take(&mut self.served) {
            writeln!(out, "  {name} gets {}", short(&parse(&reply))).expect("a string");
        }
        if show == Show::Effects {
            self.events().iter().for_each(|event| writeln!(out, "  event {event}").expect("a string"));
            self.records().iter().for_each(|record| writeln!(out, "  record {record}").expect("a string"));
        }
    }
}

/// Whether transcripts show an event: Redis 8.0, which they are recorded from, has no other.
fn is_recorded(event: Event) -> bool {
    ![Event::OVERWRITTEN, Event::TYPE_CHANGED].contains(&event)
}

/// The client's name and the command of a line that runs one.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (client, command) = line.split_once("> ")?;
    client.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()).then_some((client, command))
}

/// The command that the words name, and how many of them are its name.
fn find(words: &[&[u8]]) -> (&'static Command<Handler>, usize) {
    let is = |name: &'static str, word: &[u8]| word.eq_ignore_ascii_case(name.as_bytes());
    let command = crate::ALL.iter().copied().flatten().find(|command| is(command.spec.name, words[0]));
    let command = command.unwrap_or_else(|| panic!("no command {}", words[0].escape_ascii()));
    let sub = words.get(1).and_then(|word| command.subcommands.iter().find(|sub| is(sub.spec.name, word)));
    sub.map_or((command, 1), |sub| (sub, 2))
}

fn arity_fits(arity: i16, len: usize) -> bool {
    let wanted = usize::from(arity.unsigned_abs());
    if arity < 0 { len >= wanted } else { len == wanted }
}

fn park_in(cx: &mut Cx<'_>, park: Park, proto: Proto) -> WaiterRef {
    let waiter = Arc::new(Waiter {
        client_id: 1,
        worker: 0,
        db: cx.db,
        proto,
        keys: park.keys,
        step: park.step,
        claim: Claim::default(),
        ripening: Ripening::default(),
        tracker: None,
        caller: cx.caller,
    });
    for (at, key) in waiter.keys.iter().enumerate() {
        if !waiter.keys[..at].contains(key) {
            cx.shard(key).waiters.park(waiter.db, key, waiter.clone());
        }
    }
    waiter
}

fn unpark(cx: &mut Cx<'_>, waiter: &WaiterRef) {
    for key in &waiter.keys {
        cx.shard(key).waiters.retain(waiter.db, key, |other| !Arc::ptr_eq(other, waiter));
    }
}

/// The one reply in `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Value {
    let parsed = resp::reply::parse_reply(bytes).expect("well-formed").expect("complete");
    assert_eq!(parsed.1, bytes.len(), "one reply: {}", bytes.escape_ascii());
    parsed.0
}

/// A word of a record, quoted where a command line needs it.
fn word(value: &Value) -> String {
    let Value::Bulk(bytes) = value else { panic!("a request consists of strings") };
    let plain =
        !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\'));
    let bytes = if plain { bytes.clone() } else { base::quote::quote(bytes) };
    String::from_utf8(bytes).expect("printable")
}

/// A reply in one line: `+OK`, `-ERR text`, `3`, `"text"`, `[1, "a"]`, `{"k": 1}`, `null`, `null-array`, `_`.
pub(crate) fn short(value: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(short).collect::<Vec<_>>().join(", ");
    match value {
        Value::Simple(text) => format!("+{}", text.escape_ascii()),
        Value::Error(text) => format!("-{}", String::from_utf8_lossy(text)),
        Value::Int(n) => n.to_string(),
        Value::Bulk(bytes) => String::from_utf8(base::quote::quote(bytes)).expect("printable"),
        Value::NullBulk => "null".to_owned(),
        Value::NullArray => "null-array".to_owned(),
        Value::Null => "_".to_owned(),
        Value::Array(items) => format!("[{}]", list(items)),
        Value::Set(items) => format!("~[{}]", list(items)),
        Value::Push(items) => format!(">[{}]", list(items)),
        Value::Map(pairs) => {
            let pair = |(key, value): &(Value, Value)| format!("{}: {}", short(key), short(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::Bool(yes) => format!("#{yes}"),
        Value::Double(n) => format!(",{n}"),
        Value::BigNumber(text) => format!("({}", text.escape_ascii()),
        Value::Verbatim(format, text) => format!("={}:{}", format.escape_ascii(), text.escape_ascii()),
        Value::Attributed(_, reply) => short(reply),
    }
}

/// The examples that commands declare give the replies that they show, each set on an empty server.
#[test]
fn examples_are_true() {
    fn check(command: &Command<Handler>) {
        let mut testing = Testing::new();
        for exchange in command::transcript::exchanges(command.spec.examples) {
            assert_eq!(testing.print(exchange.command), exchange.reply, "> {}", exchange.command);
        }
        command.subcommands.iter().for_each(check);
    }
    crate::ALL.iter().copied().flatten().for_each(check);
}

/// Declarations parse: the syntax line, and the arity that agrees with it.
#[test]
fn syntax_lines_are_well_formed() {
    fn check(command: &Command<Handler>, container: Option<&str>) {
        let spec = &command.spec;
        let name = container.map_or(spec.name.to_owned(), |container| format!("{container}|{}", spec.name));
        let parsed = command::syntax::parse(&name, spec.syntax, spec.keys.len());
        assert!(parsed.is_ok(), "{name}: {parsed:?}");
        command.subcommands.iter().for_each(|sub| check(sub, Some(spec.name)));
    }
    crate::ALL.iter().copied().flatten().for_each(|command| check(command, None));
}
