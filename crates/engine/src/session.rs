//! One client's state between its commands, as far as the engine is concerned. The socket belongs to the host.

use crate::client::Client;
use crate::fieldsets::Fieldsets;
use crate::messages::Seat;
use crate::pubsub::Subscriptions;
use crate::registry::CommandId;
use crate::tracking::SessionTracking;
use command::{Claim, Done, Reply, WaiterRef};
use journal::Offset;
use keyspace::{DbIndex, DirtyFlag};
use resp::{OwnedArgs, Parser, Proto};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What CLIENT REPLY has set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyMode {
    /// Replies are sent.
    On,
    /// No replies until CLIENT REPLY ON.
    Off,
    /// The running command (CLIENT REPLY SKIP itself) isn't answered, nor is the next.
    SkipNext,
    /// The running command isn't answered.
    Skip,
}

/// A transaction being queued.
#[derive(Default)]
pub struct Multi {
    /// The commands.
    pub queue: Vec<(CommandId, OwnedArgs)>,
    /// Bytes of their arguments.
    pub bytes: usize,
    /// A command couldn't be queued: EXEC must refuse.
    pub aborted: bool,
}

/// The watched keys of a session.
#[derive(Default)]
pub struct Watching {
    /// The keys, each with its database.
    pub keys: Vec<(DbIndex, Box<[u8]>)>,
    /// Bytes of their names.
    pub bytes: usize,
    /// Set when one of them changes; shared with [`Client::watch_broken`].
    pub dirty: DirtyFlag,
}

/// What keeps a session from running commands.
pub enum Blocked {
    /// A parked command.
    Parked {
        /// The waiter in its keys' queues.
        waiter: WaiterRef,
        /// When it gives up.
        deadline_ms: Option<i64>,
        /// When the session's timer goes off: then, or when the waiter may have ripened.
        timer_ms: Option<i64>,
    },
    /// WAIT and WAITAOF: until enough replicas, or disks, have acknowledged an offset.
    Wait {
        /// Who may answer.
        claim: Arc<Claim>,
        /// What is answered.
        answer: Acknowledged,
        /// The offset of the journal that this server's disk is waited for to have; none: only others are waited for.
        local: Option<Offset>,
        /// When it gives up.
        deadline_ms: Option<i64>,
    },
    /// MIGRATE: a thread talks to another server. Nothing but its answer ends that.
    Elsewhere,
    /// CLIENT PAUSE holds its next command back.
    Paused,
}

/// The form in which a wait for an offset answers who has acknowledged it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acknowledged {
    /// WAIT: the number of replicas.
    Replicas,
    /// WAITAOF: whether this server's disk has it, and the number of replicas whose disks have it.
    Disks,
}

impl Acknowledged {
    /// Answers as things stand: there are no replicas yet. `local` says whether this server's disk has it.
    pub(crate) fn write(self, local: bool, reply: Reply<'_>) -> Done {
        match self {
            Acknowledged::Replicas => reply.int(0),
            Acknowledged::Disks => {
                let mut counts = reply.array(2);
                counts.int(i64::from(local));
                counts.int(0);
                counts.done()
            }
        }
    }
}

/// A blocked command that hasn't been counted yet.
pub(crate) struct Unfinished {
    pub(crate) command: CommandId,
    pub(crate) args: OwnedArgs,
    /// The positions of its words that nobody may see.
    pub(crate) secrets: Vec<usize>,
    /// How long it ran before it blocked.
    pub(crate) time_ns: u64,
}

/// One client.
pub struct Session {
    /// What other clients may see of it.
    pub client: Arc<Client>,
    /// CLIENT ID.
    pub id: u64,
    /// Its place among the worker's connections: messages are addressed to it.
    pub seat: Seat,
    /// The selected database.
    pub db: DbIndex,
    /// The protocol.
    pub proto: Proto,
    /// Whether it has authenticated (or needn't).
    pub authenticated: bool,
    /// A transaction being queued.
    pub multi: Option<Multi>,
    /// Watched keys.
    pub watching: Watching,
    /// What it waits for.
    pub blocked: Option<Blocked>,
    /// CLIENT REPLY.
    pub reply_mode: ReplyMode,
    /// CLIENT NO-TOUCH.
    pub no_touch: bool,
    /// Its commands come from a journal (a file, a primary): no pause holds them, and a key exists until one removes it.
    pub replays: bool,
    /// CLIENT IMPORT-SOURCE: sees keys whose time is over, while `import-mode` is on.
    pub(crate) import_source: bool,
    /// What it has prepared with HIMPORT.
    pub(crate) fieldsets: Fieldsets,
    /// Close once the replies so far are sent.
    pub closing: bool,
    /// The length of the output beyond which nothing more is run for it, as it will be closed with its replies unsent.
    pub(crate) most_output: usize,
    /// What it has subscribed to, if it ever has.
    pub(crate) subscriptions: Option<Box<Subscriptions>>,
    /// CLIENT TRACKING, while it is on.
    pub(crate) tracking: Option<Box<SessionTracking>>,
    /// Parts of the output that are sent whatever CLIENT REPLY says; noted only while it isn't on.
    pub(crate) unsilenced: Vec<Range<usize>>,
    /// Requests behind the one that blocked.
    pub(crate) pending: VecDeque<OwnedArgs>,
    pub(crate) parser: Parser,
    /// The command that is blocked.
    pub(crate) unfinished: Option<Box<Unfinished>>,
    /// The command that ran last.
    pub(crate) last_command: CommandId,
    /// Commands run.
    pub(crate) commands: u64,
    /// The offset of the journal that the replies so far depend on.
    pub(crate) depends_on: Offset,
    /// The offset behind the last record of this session's commands.
    pub(crate) wrote: Offset,
}

impl Session {
    /// A new connection's session. Whoever runs the worker gives it its `seat`.
    pub fn new(client: Arc<Client>, authenticated: bool, proto: Proto) -> Session {
        let watching = Watching { keys: Vec::new(), bytes: 0, dirty: client.watch_broken.clone() };
        Session {
            id: client.id,
            seat: 0,
            client,
            db: 0,
            proto,
            authenticated,
            multi: None,
            watching,
            blocked: None,
            reply_mode: ReplyMode::On,
            no_touch: false,
            replays: false,
            import_source: false,
            fieldsets: Fieldsets::default(),
            closing: false,
            most_output: usize::MAX,
            subscriptions: None,
            tracking: None,
            unsilenced: Vec::new(),
            pending: VecDeque::new(),
            parser: Parser::new(),
            unfinished: None,
            last_command: CommandId::MAX,
            commands: 0,
            depends_on: 0,
            wrote: 0,
        }
    }

    /// Whether a request can run with nothing but its data: no transaction is open, replies are sent, nothing holds the
    /// session back, and it isn't one of those whom only messages are sent.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.authenticated
            & self.multi.is_none()
            & (self.reply_mode == ReplyMode::On)
            & !self.closing
            & !self.only_listens()
    }

    /// Whether more of its requests may run, its replies so far being `out`.
    #[inline]
    pub(crate) fn goes_on(&self, out: &[u8]) -> bool {
        self.blocked.is_none() && !self.closing && out.len() <= self.most_output
    }

    /// Whether it speaks RESP2 and has subscribed to something: it could not tell replies from messages, and so may run
    /// only what changes its subscriptions.
    #[inline]
    pub(crate) fn only_listens(&self) -> bool {
        self.proto == Proto::Resp2 && self.subscriptions.as_ref().is_some_and(|held| !held.is_empty())
    }

    /// Whether its parked command has been answered, and the answer is on its way here.
    pub fn is_to_be_answered(&self) -> bool {
        matches!(&self.blocked, Some(Blocked::Parked { waiter, .. }) if !waiter.claim.is_waiting())
    }

    /// Its command has left records in the journal that end here.
    #[inline]
    pub(crate) fn note_written(&mut self, end: Option<Offset>) {
        self.wrote = end.unwrap_or(self.wrote);
    }

    /// What CLIENT CACHING has said about the next command holds no longer.
    #[inline]
    pub(crate) fn end_exception(&mut self) {
        if let Some(tracking) = &mut self.tracking {
            tracking.excepted = false;
        }
    }

    /// Speaks another protocol from the next reply on.
    pub(crate) fn set_proto(&mut self, proto: Proto) {
        self.proto = proto;
        self.client.set_proto(proto);
    }

    /// CLIENT NO-TOUCH.
    pub(crate) fn set_no_touch(&mut self, on: bool) {
        self.no_touch = on;
        self.client.no_touch.store(on, Relaxed);
    }

    /// Changes the fieldsets, and lets others see how much memory they take then.
    pub(crate) fn change_fieldsets<T>(&mut self, change: impl FnOnce(&mut Fieldsets) -> T) -> T {
        let changed = change(&mut self.fieldsets);
        self.client.fieldset_bytes.store(self.fieldsets.memory_bytes() as u64, Relaxed);
        changed
    }

    /// CLIENT IMPORT-SOURCE.
    pub(crate) fn set_import_source(&mut self, on: bool) {
        self.import_source = on;
        self.client.import_source.store(on, Relaxed);
    }

    /// Lets the open transaction, if there is one, fail at EXEC.
    pub(crate) fn abort_multi(&mut self) {
        if let Some(multi) = &mut self.multi {
            multi.aborted = true;
        }
    }

    /// Publishes what has run so far, and that `running` runs now.
    pub(crate) fn publish(&self, running: CommandId) {
        self.client.command.store(running, Relaxed);
        self.client.commands.store(self.commands, Relaxed);
    }

    /// Whether CLIENT REPLY lets something be sent that is no reply to CLIENT REPLY SKIP itself.
    #[inline]
    pub(crate) fn is_answered(&self) -> bool {
        matches!(self.reply_mode, ReplyMode::On | ReplyMode::SkipNext)
    }

    /// Takes back the reply that stands in `out` from `start` on, if CLIENT REPLY says that there is none, and turns to the
    /// next one. A blocked command hasn't been answered yet.
    pub(crate) fn filter_reply(&mut self, out: &mut Vec<u8>, start: usize) {
        self.take_back_reply(out, start);
        self.end_reply();
    }

    /// The first half of [`Self::filter_reply`].
    pub(crate) fn take_back_reply(&mut self, out: &mut Vec<u8>, start: usize) {
        if self.blocked.is_some() || self.reply_mode == ReplyMode::On {
            return;
        }
        let mut kept = start;
        for part in self.unsilenced.drain(..) {
            let end = kept + part.len();
            out.copy_within(part, kept);
            kept = end;
        }
        out.truncate(kept);
    }

    /// The second half: what comes is no longer about the running command.
    pub(crate) fn end_reply(&mut self) {
        if self.blocked.is_some() {
            return;
        }
        self.reply_mode = match self.reply_mode {
            ReplyMode::SkipNext => ReplyMode::Skip,
            ReplyMode::Skip | ReplyMode::On => ReplyMode::On,
            ReplyMode::Off => ReplyMode::Off,
        };
    }

    /// How many bytes of input the present request still needs, given how many of it are there.
    pub fn wanted_bytes(&self, have: usize) -> usize {
        self.parser.wanted(have)
    }

    /// How many bytes of the present request are understood already.
    pub fn understood_bytes(&self) -> usize {
        self.parser.understood()
    }

    /// Bytes that the session holds for requests to come.
    pub fn pending_bytes(&self) -> usize {
        self.pending.iter().map(OwnedArgs::heap_size).sum()
    }
}
