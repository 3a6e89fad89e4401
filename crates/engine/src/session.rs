//! One client's state between its commands, as far as the engine is concerned. The socket belongs to the host.

use crate::client::Client;
use crate::registry::CommandId;
use command::WaiterRef;
use keyspace::{DbIndex, DirtyFlag};
use resp::{OwnedArgs, Parser, Proto};
use std::collections::VecDeque;
use std::sync::Arc;

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
    /// A command couldn't be queued: EXEC must refuse.
    pub aborted: bool,
}

/// The watched keys of a session.
#[derive(Default)]
pub struct Watching {
    /// The keys, each with its database and whether its time was over already when it was watched.
    pub keys: Vec<(DbIndex, Box<[u8]>, bool)>,
    /// Set when one of them changes.
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
    },
    /// WAIT: until enough replicas have acknowledged an offset.
    Wait {
        /// When it gives up.
        deadline_ms: Option<i64>,
    },
    /// CLIENT PAUSE holds its next command back.
    Paused,
}

/// One client.
pub struct Session {
    /// What other clients may see of it.
    pub client: Arc<Client>,
    /// CLIENT ID.
    pub id: u64,
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
    /// Close once the replies so far are sent.
    pub closing: bool,
    /// Requests behind the one that blocked.
    pub(crate) pending: VecDeque<OwnedArgs>,
    pub(crate) parser: Parser,
    /// The command that ran last, which is often the next one too.
    pub(crate) last_command: CommandId,
}

impl Session {
    /// A new connection's session.
    pub fn new(client: Arc<Client>, authenticated: bool, proto: Proto) -> Session {
        Session {
            id: client.id,
            client,
            db: 0,
            proto,
            authenticated,
            multi: None,
            watching: Watching::default(),
            blocked: None,
            reply_mode: ReplyMode::On,
            no_touch: false,
            closing: false,
            pending: VecDeque::new(),
            parser: Parser::new(),
            last_command: 0,
        }
    }

    /// Whether a request can run with nothing but its data: no transaction is open, replies are sent, nothing holds the
    /// session back.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.authenticated & self.multi.is_none() & (self.reply_mode == ReplyMode::On) & !self.closing
    }

    /// How many bytes of input the present request still needs, given how many of it are there.
    pub fn wanted_bytes(&self, have: usize) -> usize {
        self.parser.wanted(have)
    }

    /// Bytes that the session holds for requests to come.
    pub fn pending_bytes(&self) -> usize {
        self.pending.iter().map(OwnedArgs::heap_size).sum()
    }
}
