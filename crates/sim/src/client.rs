//! A virtual client: what it has sent, what it has been answered, what it does next.

use crate::cache::Cache;
use crate::history::Call;
use crate::inbox::{Inbox, Taken};
use crate::plan::{ClientPlan, Request, Step, Word};
use crate::watch::Watch;
use engine::Session;
use resp::reply::{Value, parse_reply};
use std::collections::VecDeque;

/// Bytes that are kept for a client that doesn't read.
const OUTPUT_LIMIT: usize = 600;

/// A connection: its session and its two buffers.
pub(crate) struct Connection {
    pub(crate) session: Session,
    /// Sent by the client, not yet consumed by the worker.
    pub(crate) input: Vec<u8>,
    /// How much of the input the worker has been offered already, to no avail: a part of a request.
    pub(crate) offered: usize,
    /// Written by the worker.
    pub(crate) output: Vec<u8>,
}

/// A virtual client.
pub(crate) struct VirtualClient {
    pub(crate) index: usize,
    pub(crate) db: keyspace::DbIndex,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) connection: Option<Connection>,
    /// It does nothing before.
    pub(crate) ready_at_us: i64,
    /// It reads nothing before.
    pub(crate) awake_at_us: i64,
    /// All its calls, in order.
    pub(crate) calls: Vec<Call>,
    /// Numbers of the calls that are yet to be answered.
    pub(crate) outstanding: VecDeque<usize>,
    /// What it has cached.
    pub(crate) cache: Cache,
    /// What it has heard of what it has subscribed to.
    pub(crate) inbox: Inbox,
    /// What it has seen with MONITOR.
    pub(crate) watch: Watch,
    /// An addition whose first half is under way.
    pub(crate) adding: Option<(Vec<u8>, i64)>,
}

impl VirtualClient {
    pub(crate) fn new(index: usize, plan: ClientPlan) -> VirtualClient {
        VirtualClient {
            index,
            db: plan.db,
            steps: plan.steps.into(),
            connection: None,
            ready_at_us: 0,
            awake_at_us: 0,
            calls: Vec::new(),
            outstanding: VecDeque::new(),
            cache: Cache::default(),
            inbox: Inbox::default(),
            watch: Watch::default(),
            adding: None,
        }
    }

    /// Whether it can take its next step now.
    pub(crate) fn can_step(&self, now_us: i64) -> bool {
        if now_us < self.ready_at_us {
            return false;
        }
        if self.adding.is_some() {
            return self.outstanding.is_empty();
        }
        match self.steps.front() {
            None => false,
            Some(Step::Send { ahead: true, .. } | Step::Disconnect) => true,
            Some(_) => self.outstanding.is_empty(),
        }
    }

    /// When it reads what it has been sent, if that is something.
    pub(crate) fn reads_at_us(&self) -> Option<i64> {
        let unread = self.connection.as_ref().is_some_and(|connection| !connection.output.is_empty());
        unread.then_some(self.awake_at_us)
    }

    /// Whether so much has been written for it, while it reads nothing, that it is to be closed.
    pub(crate) fn has_too_much(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.output.len() > OUTPUT_LIMIT)
    }

    /// Whether its worker has something to read from it.
    pub(crate) fn has_input(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| {
            connection.session.blocked.is_none() && connection.input.len() > connection.offered
        })
    }

    /// Puts requests on the wire. `id_of` answers the ids of clients.
    pub(crate) fn send(&mut self, requests: &[Request], stamp: u64, id_of: impl Fn(usize) -> u64) {
        let Some(connection) = &mut self.connection else { return };
        for request in requests {
            let word = |word: &Word| match word {
                Word::Text(text) => text.clone(),
                Word::ClientId(client) => id_of(*client).to_string().into_bytes(),
            };
            let words: Vec<Vec<u8>> = request.iter().map(word).collect();
            let slices: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            resp::push_command(&mut connection.input, &slices);
            self.outstanding.push_back(self.calls.len());
            let connection = connection.session.id;
            let (client, sent) = (self.index, stamp);
            self.calls.push(Call {
                client,
                connection,
                words,
                sent,
                parked: None,
                replied: None,
                depends_on: 0,
            });
        }
    }

    /// Receives what the worker has written. Answers what is wrong with it.
    pub(crate) fn receive(&mut self, stamp: u64) -> Result<(), String> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let output = std::mem::take(&mut connection.output);
        let mut at = 0;
        while at < output.len() {
            let (value, len) = whole_reply(&output[at..])?;
            at += len;
            if self.watch.take(&value) {
                continue;
            }
            let request = self.outstanding.front().map(|call| &self.calls[*call]);
            let request = request.map(|call| (&call.words[..], call.sent));
            match (self.inbox.take((connection.session.id, stamp), request, &value), &value) {
                (Taken::Yes, _) => continue,
                (Taken::No, Value::Push(message)) => {
                    self.cache.told(message)?;
                    continue;
                }
                _ => {}
            }
            let Some(call) = self.outstanding.pop_front() else {
                return Err(format!("client {} got a reply that it didn't ask for: {value:?}", self.index));
            };
            let (words, sent) = (&self.calls[call].words, self.calls[call].sent);
            self.cache.replied(words, &value);
            self.watch.replied(words, (sent, stamp), &value);
            self.calls[call].replied = Some((stamp, value));
            self.calls[call].depends_on = connection.session.depends_on();
        }
        Ok(())
    }

    /// Whether it was told at `stamp` that CLIENT PAUSE has begun.
    pub(crate) fn has_paused(&self, stamp: u64) -> bool {
        let Some(call) = self.calls.last() else { return false };
        let pause = call.words.starts_with(&[b"CLIENT".to_vec(), b"PAUSE".to_vec()]);
        pause && matches!(&call.replied, Some((at, Value::Simple(_))) if *at == stamp)
    }

    /// The call under way has begun to wait.
    pub(crate) fn parked(&mut self, stamp: u64) {
        if let Some(call) = self.outstanding.front() {
            self.calls[*call].parked.get_or_insert(stamp);
        }
    }

    /// The connection is closed. Answers the call that it was waiting with, if it was waiting.
    pub(crate) fn lose_connection(&mut self) -> Option<usize> {
        self.adding = None;
        self.cache = Cache::default();
        let first = self.outstanding.front().copied();
        self.outstanding.clear();
        first.filter(|call| self.calls[*call].parked.is_some())
    }

    /// What the first half of an addition has read.
    pub(crate) fn read_sum(&self) -> i64 {
        let reply = self.calls.last().and_then(|call| call.replied.as_ref());
        match reply {
            Some((_, Value::Bulk(text))) => base::num::parse_i64(text).unwrap_or(0),
            _ => 0,
        }
    }
}

/// The reply at the front of what a worker has written: workers write whole replies.
pub(crate) fn whole_reply(output: &[u8]) -> Result<(Value, usize), String> {
    match parse_reply(output) {
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => Err(format!("a part of a reply: {}", output.escape_ascii())),
        Err(error) => Err(format!("{error}: {}", output.escape_ascii())),
    }
}
