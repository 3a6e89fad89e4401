//! One sequence of commands, run against both servers.

use crate::compare;
use crate::dataset::{self, Fact};
use crate::generate::{LINKS, Step};
use crate::known::Accepted;
use crate::limits;
use crate::link::{Link, PATIENCE};
use crate::listen::Listeners;
use crate::messages::{self, Client};
use crate::server::Pair;
use resp::reply::Value;
use std::io::{ErrorKind, Result};
use std::time::{Duration, Instant};

/// After so long a server has removed what has expired, which it looks for ten times a second.
const EXPIRED_AFTER: Duration = Duration::from_millis(250);

/// How a case is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The datasets are compared after so many commands, and at the end.
    pub dataset_every: usize,
    /// Whether the whole text of an error counts, or its first word only.
    pub error_texts: bool,
    /// Differences that don't count.
    pub accepted: Accepted,
    /// Whether the events that are published of changes are compared too.
    pub events: bool,
}

/// What happened in one step.
#[derive(Clone, Debug)]
pub struct Event {
    /// The connection's number.
    pub link: usize,
    /// What was sent; nothing when a command that waited was answered.
    pub command: Vec<Vec<u8>>,
    /// What each server said, if it did.
    pub answers: [Option<Value>; 2],
}

/// Where the servers part.
#[derive(Clone, Debug)]
pub enum Divergence {
    /// Their answers to the last event differ, or one has none: the command in question and what kinds of answers.
    Answers(String),
    /// They store different things.
    Stored(Box<(Fact, Fact)>),
    /// In a way that the list accepts, but further commands would make no sense.
    Accepted,
    /// The connection to one of them failed: its number and the reason.
    Broken(usize, String),
}

/// What happened in a case, up to its end or a divergence, which the last event shows.
#[derive(Clone, Debug)]
pub struct Course {
    /// What happened.
    pub events: Vec<Event>,
    /// How many steps of the sequence were taken.
    pub steps: usize,
    /// Where the servers part, if they do.
    pub divergence: Option<Divergence>,
    /// The lines of the list that accepted a difference, once for each.
    pub accepted: Vec<usize>,
}

impl Course {
    /// A name for the kind of the divergence, if there is one: those of one name probably have one cause.
    pub fn signature(&self) -> Option<String> {
        Some(match self.divergence.as_ref()? {
            Divergence::Answers(signature) => signature.clone(),
            Divergence::Stored(facts) => stored_signature(&facts.0, &facts.1),
            Divergence::Broken(side, why) => format!("server {}: {why}", side + 1),
            Divergence::Accepted => return None,
        })
    }
}

/// The signature of a difference between stored facts, with the names of encodings that differ.
fn stored_signature(left: &Fact, right: &Fact) -> String {
    match (&left.answer, &right.answer) {
        (Value::Bulk(one), Value::Bulk(other)) if left.about.starts_with("OBJECT ENCODING") => {
            let names = [one, other].map(|name| String::from_utf8_lossy(name));
            format!("stored: {}: {} or {}", left.about, names[0], names[1])
        }
        _ => format!("stored: {}", left.about),
    }
}

/// The signature of a difference between answers.
fn answers_signature(command: &[Vec<u8>], left: Option<&Value>, right: Option<&Value>) -> String {
    let name = command.first().map(|name| String::from_utf8_lossy(name).to_uppercase()).unwrap_or_default();
    let kinds = [left, right].map(|answer| answer.map_or("nothing".into(), kind));
    format!("{name}: {} or {}", kinds[0], kinds[1])
}

/// What sort of answer this is. Errors are told apart by their texts, but for what they quote.
fn kind(value: &Value) -> String {
    match value {
        Value::Error(text) => {
            let text = String::from_utf8_lossy(text);
            let parts = text.split('\'').enumerate().map(|(at, part)| if at % 2 == 1 { "*" } else { part });
            parts.collect::<Vec<_>>().join("'")
        }
        Value::Simple(_) => "a status".into(),
        Value::Int(_) => "an integer".into(),
        Value::NullBulk | Value::NullArray | Value::Null => "null".into(),
        Value::Array(_) | Value::Set(_) | Value::Map(_) | Value::Push(_) => "several values".into(),
        _ => "a value".into(),
    }
}

/// Runs `steps` on emptied servers.
///
/// # Errors
/// When the connections that the run needs for itself fail.
pub fn run(pair: &Pair, steps: &[Step], options: &Options) -> Result<Course> {
    let mut run = Run {
        links: (0..LINKS).map(|_| Ok(pair.connect()?.map(Client::new))).collect::<Result<_>>()?,
        control: pair.connect()?,
        sent: Vec::with_capacity(steps.len()),
        states: (0..LINKS).map(|_| LinkState::default()).collect(),
        events: Vec::new(),
        taken: 0,
        listeners: None,
        accepted: Vec::new(),
        options: options.clone(),
    };
    for link in &mut run.control {
        link.call(&["FLUSHALL"])?;
        link.call(&limits::defaults())?;
    }
    if options.events {
        run.listeners = Some(Listeners::new(pair, &mut run.control)?);
    }
    let divergence = run.steps(steps).err();
    Ok(Course { events: run.events, steps: run.taken, divergence, accepted: run.accepted })
}

/// What a connection is in the middle of.
#[derive(Default)]
struct LinkState {
    /// The commands of the transaction that is open.
    queued: Option<Vec<Vec<Vec<u8>>>>,
    /// The command that waits.
    waiting: Option<Vec<Vec<u8>>>,
}

struct Run {
    links: Vec<[Client; 2]>,
    control: [Link; 2],
    states: Vec<LinkState>,
    /// The commands that were sent, each a text.
    sent: Vec<Vec<u8>>,
    events: Vec<Event>,
    /// Steps taken so far, the present one included.
    taken: usize,
    /// Present if events are compared.
    listeners: Option<Listeners>,
    /// The lines of the list that have accepted a difference.
    accepted: Vec<usize>,
    options: Options,
}

impl Run {
    fn steps(&mut self, steps: &[Step]) -> std::result::Result<(), Divergence> {
        for step in steps {
            self.taken += 1;
            let text = step.command.join(&b' ');
            if let Some(line) = self.options.accepted.leaves_out(&text) {
                self.accepted.push(line);
                continue;
            }
            if self.states[step.link].waiting.is_some() {
                self.unblock(step.link)?;
            }
            self.sent.push(text);
            self.command(step)?;
            if step.expires {
                std::thread::sleep(EXPIRED_AFTER);
            }
            for link in 0..LINKS {
                if self.states[link].waiting.is_some() {
                    self.collect(link)?;
                }
            }
            self.compare_events(step)?;
            if self.taken.is_multiple_of(self.options.dataset_every) || self.taken == steps.len() {
                self.compare_datasets()?;
            }
        }
        Ok(())
    }

    fn command(&mut self, step: &Step) -> std::result::Result<(), Divergence> {
        let in_transaction = self.states[step.link].queued.is_some();
        if let ([_, key, _, destination], false) = (step.command.as_slice(), in_transaction)
            && is_exchange(&step.command)
        {
            let answers = self.exchange(step.link, key, destination)?;
            return self.judge(step.link, step.command.clone(), &step.command, answers);
        }
        for side in 0..2 {
            self.links[step.link][side].send(&step.command).map_err(|why| broken(side, &why))?;
        }
        if messages::is_about_subscriptions(&step.command) && !in_transaction {
            let mut answers = [None, None];
            for (side, answer) in answers.iter_mut().enumerate() {
                let confirmed = self.links[step.link][side].confirmations();
                *answer = Some(confirmed.map_err(|why| broken(side, &why))?);
            }
            return self.judge(step.link, step.command.clone(), &step.command, answers);
        }
        if may_wait(&step.command) && !in_transaction {
            self.events.push(Event { link: step.link, command: step.command.clone(), answers: [None, None] });
            self.states[step.link].waiting = Some(step.command.clone());
            return self.collect(step.link);
        }
        let answers = self.read_both(step.link)?;
        self.judge(step.link, step.command.clone(), &step.command, answers)
    }

    /// Takes what each server dumps of a key to the other one, which stores it under `destination`. The answers of the
    /// last command that both got.
    fn exchange(
        &mut self,
        link: usize,
        key: &[u8],
        destination: &[u8],
    ) -> std::result::Result<[Option<Value>; 2], Divergence> {
        for side in 0..2 {
            self.links[link][side].send(&[b"DUMP", key]).map_err(|why| broken(side, &why))?;
        }
        let dumped = self.read_both(link)?;
        let [Some(Value::Bulk(left)), Some(Value::Bulk(right))] = &dumped else { return Ok(dumped) };
        for (side, payload) in [right, left].into_iter().enumerate() {
            let command = [b"RESTORE", destination, b"0", payload, b"REPLACE"];
            self.links[link][side].send(&command).map_err(|why| broken(side, &why))?;
        }
        self.read_both(link)
    }

    fn read_both(&mut self, link: usize) -> std::result::Result<[Option<Value>; 2], Divergence> {
        let mut answers = [None, None];
        for (side, answer) in answers.iter_mut().enumerate() {
            *answer = Some(self.links[link][side].read().map_err(|why| broken(side, &why))?);
        }
        Ok(answers)
    }

    /// Takes the answer to a command that waited, if it waits no more.
    fn collect(&mut self, link: usize) -> std::result::Result<(), Divergence> {
        let mut answers = [self.answer_unless_waiting(link, 0)?, self.answer_unless_waiting(link, 1)?];
        if answers == [None, None] {
            return Ok(());
        }
        // A server with several threads may list a connection as blocked a moment longer than it is.
        for (side, answer) in answers.iter_mut().enumerate().filter(|(_, answer)| answer.is_none()) {
            match self.links[link][side].read() {
                Err(why) if is_timeout(&why) => {}
                late => *answer = Some(late.map_err(|why| broken(side, &why))?),
            }
        }
        self.answered(link, answers)
    }

    /// Notes the answers to a command that waited.
    fn answered(&mut self, link: usize, answers: [Option<Value>; 2]) -> std::result::Result<(), Divergence> {
        let Some(command) = self.states[link].waiting.take() else { return Ok(()) };
        if self.events.last().is_some_and(|last| last.link == link && last.command == command) {
            self.events.pop();
            return self.judge(link, command.clone(), &command, answers);
        }
        self.judge(link, Vec::new(), &command, answers)
    }

    /// Ends the wait of a connection that is needed.
    fn unblock(&mut self, link: usize) -> std::result::Result<(), Divergence> {
        let mut answers = [None, None];
        for (side, answer) in answers.iter_mut().enumerate() {
            let id = self.links[link][side].id().to_string();
            let reply = self.control[side].call(&["CLIENT", "UNBLOCK", &id]);
            *answer = Some(reply.map_err(|why| broken(side, &why))?);
        }
        let command = ["CLIENT", "UNBLOCK", "(connection 2)"].map(|word| word.as_bytes().to_vec()).to_vec();
        // Not a connection of the sequence: the transcript shows it as one more.
        self.judge(LINKS, command.clone(), &command, answers)?;
        let answers = self.read_both(link)?;
        self.answered(link, answers)
    }

    /// The answer of one server, or `None` when the server says that the connection waits.
    fn answer_unless_waiting(
        &mut self,
        link: usize,
        side: usize,
    ) -> std::result::Result<Option<Value>, Divergence> {
        let deadline = Instant::now() + PATIENCE;
        let id = self.links[link][side].id().to_string();
        while Instant::now() < deadline {
            if let Some(answer) = self.links[link][side].try_read().map_err(|why| broken(side, &why))? {
                return Ok(Some(answer));
            }
            let listed =
                self.control[side].call(&["CLIENT", "LIST", "ID", &id]).map_err(|why| broken(side, &why))?;
            if is_listed_as_waiting(&listed) {
                return Ok(None);
            }
        }
        Err(Divergence::Broken(side, "neither answers nor lists the connection as blocked".into()))
    }

    /// Notes the event and compares the answers; `command` is what they answer.
    fn judge(
        &mut self,
        link: usize,
        shown: Vec<Vec<u8>>,
        command: &[Vec<u8>],
        answers: [Option<Value>; 2],
    ) -> std::result::Result<(), Divergence> {
        let queued = self.states.get(link).and_then(|state| state.queued.clone()).unwrap_or_default();
        let difference = self.difference(command, &queued, &answers);
        let both_refuse = matches!(&answers, [Some(Value::Error(_)), Some(Value::Error(_))]);
        if let (Some(state), [Some(answer), _]) = (self.states.get_mut(link), &answers) {
            state.follow(command, answer);
        }
        let receivers = match &answers {
            [Some(left), Some(_)] => messages::receivers(command, &queued, left),
            _ => 0,
        };
        self.events.push(Event { link, command: shown, answers });
        let Some((signature, part)) = difference else { return self.compare_messages(command, receivers) };
        if !self.is_accepted(&signature, &part) {
            return Err(Divergence::Answers(signature));
        }
        // Unless both refused, the servers may hold different data from here on, for a reason that is known.
        if both_refuse { Ok(()) } else { Err(Divergence::Accepted) }
    }

    /// Whether the list accepts a difference between the answers to `command`; notes by which line.
    fn is_accepted(&mut self, signature: &str, command: &[Vec<u8>]) -> bool {
        let line = self.options.accepted.line(signature, &command.join(&b' '), &self.sent);
        self.accepted.extend(line);
        line.is_some()
    }

    /// The signature of the difference between the answers to `command`, if they differ, and the command that is
    /// answered differently, which may be one of a transaction.
    fn difference(
        &self,
        command: &[Vec<u8>],
        queued: &[Vec<Vec<u8>>],
        answers: &[Option<Value>; 2],
    ) -> Option<(String, Vec<Vec<u8>>)> {
        let [Some(left), Some(right)] = answers else {
            let signature = answers_signature(command, answers[0].as_ref(), answers[1].as_ref());
            return Some((signature, command.to_vec()));
        };
        let (command, left, right) = compare::difference(command, queued, left, right)?;
        let same_code = || compare::without_error_text(left) == compare::without_error_text(right);
        (self.options.error_texts || !same_code())
            .then(|| (answers_signature(command, Some(left), Some(right)), command.to_vec()))
    }

    /// Waits until so many messages of a command have arrived at the connections of each server, and compares them.
    fn compare_messages(
        &mut self,
        command: &[Vec<u8>],
        receivers: usize,
    ) -> std::result::Result<(), Divergence> {
        if receivers == 0 {
            return Ok(());
        }
        let mut heard = [None, None];
        for (side, heard) in heard.iter_mut().enumerate() {
            let deadline = Instant::now() + PATIENCE;
            while self.links.iter().map(|link| link[side].heard()).sum::<usize>() < receivers
                && Instant::now() < deadline
            {
                for link in &mut self.links {
                    link[side].listen().map_err(|why| broken(side, &why))?;
                }
                std::thread::yield_now();
            }
            *heard =
                Some(Value::Array(self.links.iter_mut().map(|link| link[side].take_messages()).collect()));
        }
        if heard[0] == heard[1] || self.is_accepted("messages", command) {
            return Ok(());
        }
        let shown = vec![b"(messages)".to_vec()];
        self.events.push(Event { link: LINKS, command: shown, answers: heard });
        Err(Divergence::Answers("messages".into()))
    }

    /// Compares what has been published since the last command.
    fn compare_events(&mut self, step: &Step) -> std::result::Result<(), Divergence> {
        let Some(listeners) = &mut self.listeners else { return Ok(()) };
        let name = step.command.first().map(|name| String::from_utf8_lossy(name).to_uppercase());
        let name = name.unwrap_or_default();
        // Commands about streams look keys up once or twice, before or after they look at their options; SORT looks weights up
        // in the order of a hash table.
        let misses = !name.starts_with('X') && !name.starts_with("SORT") && name != "EXEC";
        let mut heard = |side: usize| {
            listeners.heard(side, &mut self.control[side], misses).map_err(|why| broken(side, &why))
        };
        let (left, right) = (heard(0)?, heard(1)?);
        let signature = format!("events: {name}");
        if left == right || self.is_accepted(&signature, &step.command) {
            return Ok(());
        }
        let shown = vec![b"(events)".to_vec()];
        self.events.push(Event { link: LINKS, command: shown, answers: [Some(left), Some(right)] });
        Err(Divergence::Answers(signature))
    }

    fn compare_datasets(&mut self) -> std::result::Result<(), Divergence> {
        let [left, right] = &mut self.control;
        let left = dataset::read(left).map_err(|why| broken(0, &why))?;
        let right = dataset::read(right).map_err(|why| broken(1, &why))?;
        let found = dataset::first_difference(&left, &right, |left, right| {
            self.is_accepted(&stored_signature(left, right), &left.command)
        });
        match found {
            Some(facts) => Err(Divergence::Stored(Box::new(facts))),
            None => Ok(()),
        }
    }
}

impl LinkState {
    /// Keeps track of the transaction, by what the server says.
    fn follow(&mut self, command: &[Vec<u8>], answer: &Value) {
        let name = command.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
        match (name.as_slice(), answer, &mut self.queued) {
            (b"MULTI", Value::Simple(_), None) => self.queued = Some(Vec::new()),
            // Refused for the number of its words, say, it ends nothing.
            (b"EXEC" | b"DISCARD" | b"RESET", Value::Error(text), _) if !text.starts_with(b"EXECABORT") => {}
            (b"EXEC" | b"DISCARD" | b"RESET", _, _) => self.queued = None,
            (_, Value::Simple(text), Some(queued)) if text == b"QUEUED" => queued.push(command.to_vec()),
            _ => {}
        }
    }
}

/// Whether a command says that the servers exchange what they dump: `DUMP key RESTORE destination`.
fn is_exchange(command: &[Vec<u8>]) -> bool {
    let is = |at: usize, word: &[u8]| command[at].eq_ignore_ascii_case(word);
    is(0, b"DUMP") && is(2, b"RESTORE")
}

fn may_wait(command: &[Vec<u8>]) -> bool {
    match command.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default().as_slice() {
        b"BLPOP" | b"BRPOP" | b"BLMOVE" | b"BRPOPLPUSH" | b"BLMPOP" | b"BZPOPMIN" | b"BZPOPMAX"
        | b"BZMPOP" => true,
        b"XREAD" | b"XREADGROUP" => command.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK")),
        _ => false,
    }
}

/// Whether a line of CLIENT LIST has the flag of a blocked connection.
fn is_listed_as_waiting(listed: &Value) -> bool {
    let (Value::Bulk(line) | Value::Verbatim(_, line)) = listed else { return false };
    let mut words = line.split(|&byte| byte == b' ');
    words.any(|word| word.strip_prefix(b"flags=").is_some_and(|flags| flags.contains(&b'b')))
}

fn is_timeout(why: &std::io::Error) -> bool {
    why.kind() == ErrorKind::TimedOut
}

fn broken(side: usize, why: &std::io::Error) -> Divergence {
    let text = match why.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            "closed the connection".into()
        }
        ErrorKind::TimedOut => "does not answer".into(),
        _ => why.to_string(),
    };
    Divergence::Broken(side, text)
}
