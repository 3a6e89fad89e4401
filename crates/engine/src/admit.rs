//! Admission: everything that can be decided about a request before a lock is taken.

use crate::batch::arity_fits;
use crate::client::Peer;
use crate::host::Level;
use crate::pause::MAY_WRITE;
use crate::registry::{CommandId, Registered, Registry, Run};
use crate::session::{Blocked, Multi, Session};
use crate::worker::Worker;
use command::{Error, Flag, FlagSet, Guard};
use config::{Caller, Config};
use resp::{Args, Writer};
use std::sync::atomic::Ordering::Relaxed;

/// What admission decided.
enum Admitted {
    Run(CommandId),
    Queue(CommandId),
    Hold(CommandId),
}

/// Why a request isn't run.
enum Refusal {
    /// It gets this error. The command, if there is such a one, counts the refusal.
    Error(Option<CommandId>, Error),
    /// It is a line of HTTP: a browser has been made to talk to the server.
    Http,
}

/// Commands that a client which monitors may not run.
const OF_KEYSPACE: FlagSet = FlagSet::of(&[Flag::Write, Flag::Readonly, Flag::MayReplicate, Flag::Publishes]);

impl Worker {
    /// Answers a request by the general path: every check, any footprint.
    pub(crate) fn run_general(&mut self, session: &mut Session, args: Args<'_>, out: &mut Vec<u8>) {
        self.flush_tally();
        if !session.replays {
            self.prepare(session, out);
        }
        let start = out.len();
        self.admit_and_run(session, args, out);
        self.refresh_settings();
        session.take_back_reply(out, start);
        if self.messages.has_own() {
            self.write_own(session, out);
        }
        session.end_reply();
        if session.tracking.is_some() && session.multi.is_none() && !self.keeps_caching(args) {
            session.end_exception();
        }
    }

    /// Makes room before requests run. What that tells their own client stands before their replies.
    #[inline]
    pub(crate) fn prepare(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        self.make_room();
        self.limit_tracked_keys();
        if self.messages.has_own() {
            self.write_own(session, out);
        }
    }

    /// Whether what CLIENT CACHING has said about the next command holds beyond this request.
    fn keeps_caching(&self, args: Args<'_>) -> bool {
        self.engine.registry.find(args.at(0)).is_some_and(|command| command.flags.has(Flag::KeepsCaching))
    }

    /// Writes the messages that the session's own request has sent it, behind the reply.
    #[cold]
    pub(crate) fn write_own(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        let after = self.messages.write_own(session, out);
        session.depend_on(after);
    }

    fn admit_and_run(&mut self, session: &mut Session, args: Args<'_>, out: &mut Vec<u8>) {
        let engine = self.engine.clone();
        let command = match self.admit(session, args) {
            Ok(Admitted::Run(id)) => engine.registry.command(id),
            Ok(Admitted::Queue(id)) => return self.queue(session, id, args, out),
            Ok(Admitted::Hold(id)) => return self.hold(session, id, args),
            Err(Refusal::Error(id, error)) => return self.refuse(session, id, &error, out),
            Err(Refusal::Http) => return self.cut_off(session),
        };
        session.publish(command.id);
        match command.run {
            Run::Exec => self.run_exec(session, command, args, out),
            _ => self.run_command(session, command, args, out),
        }
    }

    /// Every check that needs no lock.
    fn admit(&mut self, session: &Session, args: Args<'_>) -> Result<Admitted, Refusal> {
        let command = find_command(&self.engine.registry, args)?;
        let refuse = |error| Err(Refusal::Error(Some(command.id), error));
        if !arity_fits(command, args.len()) {
            return refuse(wrong_arity(&command.full_name));
        }
        if let Some(guard) = command.spec.guard {
            check_guard(&self.engine.config(), &session.client.peer, guard)
                .map_err(|error| Refusal::Error(Some(command.id), error))?;
        }
        if self.must_authenticate(session) && !command.flags.has(Flag::NoAuth) {
            return refuse(Error::new("NOAUTH Authentication required."));
        }
        let in_multi = session.multi.is_some();
        if in_multi && command.flags.has(Flag::NoMulti) {
            return refuse(Error::NOT_IN_TRANSACTION);
        }
        if self.engine.conditions.any() {
            self.check_conditions(session, command)
                .map_err(|error| Refusal::Error(Some(command.id), error))?;
        }
        if command.flags.intersects(OF_KEYSPACE) && session.client.monitors.load(Relaxed) {
            return refuse(Error::new("ERR Replica can't interact with the keyspace"));
        }
        if session.only_listens() && !command.flags.has(Flag::WhileListening) {
            return refuse(only_listens(&command.full_name));
        }
        if self.is_held(session, command, session.multi.as_ref()) {
            return Ok(Admitted::Hold(command.id));
        }
        if in_multi && !command.flags.has(Flag::DuringMulti) {
            return Ok(Admitted::Queue(command.id));
        }
        Ok(Admitted::Run(command.id))
    }

    /// Whether the session may run nothing but the commands that authenticate it.
    pub(crate) fn must_authenticate(&self, session: &Session) -> bool {
        !session.authenticated && !self.settings.password.is_empty()
    }

    /// Whether CLIENT PAUSE holds a command back; `multi` is the session's transaction.
    pub(crate) fn is_held(&self, session: &Session, command: &Registered, multi: Option<&Multi>) -> bool {
        if !self.engine.pause.is_active() || session.replays {
            return false;
        }
        let exec_writes = matches!(command.run, Run::Exec)
            && multi.is_some_and(|multi| {
                let flags = |id: &CommandId| self.engine.registry.command(*id).flags;
                let writes = |id| flags(id).intersects(MAY_WRITE);
                multi.queue.iter().any(|(id, _)| writes(id))
            });
        self.engine.pause.holds(command.flags, exec_writes, self.now.ms())
    }

    fn queue(&mut self, session: &mut Session, id: CommandId, args: Args<'_>, out: &mut Vec<u8>) {
        let multi = session.multi.get_or_insert_with(Multi::default);
        multi.queue.push((id, args.to_owned()));
        multi.bytes += args.total_len();
        session.client.publish_multi(Some(multi));
        Writer::new(out, session.proto).simple("QUEUED");
    }

    /// Keeps a request until the pause is over.
    pub(crate) fn hold(&mut self, session: &mut Session, id: CommandId, args: Args<'_>) {
        session.last_command = id;
        session.pending.push_front(args.to_owned());
        session.blocked = Some(Blocked::Paused);
        session.client.paused.store(true, Relaxed);
        self.paused.push(session.id);
    }

    /// Answers a refused request. An open transaction can't succeed any more; EXEC itself ends it.
    fn refuse(&mut self, session: &mut Session, id: Option<CommandId>, error: &Error, out: &mut Vec<u8>) {
        let Some(id) = id else {
            session.abort_multi();
            return self.write_error(error, session, out);
        };
        self.stats.commands[usize::from(id)].rejected.add(1);
        if matches!(self.engine.registry.command(id).run, Run::Exec) {
            self.end_multi(session);
            let reason = error.text().strip_prefix(b"ERR ").unwrap_or(error.text());
            let text = [b"EXECABORT Transaction discarded because of: ", reason].concat();
            return self.write_error(&Error::with(text), session, out);
        }
        session.abort_multi();
        self.write_error(error, session, out);
    }

    /// Closes the connection of somebody who speaks HTTP, without an answer that a script could read.
    fn cut_off(&mut self, session: &mut Session) {
        session.closing = true;
        if self.engine.stats.may_log_attack(self.now.us) {
            let address = session.client.peer.remote();
            let text = format!(
                "Possible SECURITY ATTACK detected. A client sends POST or Host:, which is HTTP: somebody may be \
                 using a browser to reach this server (cross protocol scripting). Connection from {address} aborted."
            );
            self.engine.host.log(Level::Warning, &text);
        }
    }
}

/// The command, or subcommand, that the words name. A container without a subcommand is found itself.
fn find_command<'r>(registry: &'r Registry, args: Args<'_>) -> Result<&'r Registered, Refusal> {
    let name = args.at(0);
    let Some(command) = registry.find(name) else {
        let is_http = name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:");
        return Err(if is_http { Refusal::Http } else { Refusal::Error(None, unknown_command(args)) });
    };
    let Some(sub) = args.get(1).filter(|_| !command.subcommands.is_empty()) else { return Ok(command) };
    let unknown = || Refusal::Error(None, unknown_subcommand(command, sub));
    registry.find_sub(command, sub).ok_or_else(unknown)
}

/// Whether the configuration allows a guarded command to a client; to those inside of the process, always.
fn check_guard(config: &Config, peer: &Peer, guard: Guard) -> Result<(), Error> {
    let (permission, name) = match guard {
        Guard::Debug => (config.enable_debug_command, "debug"),
        Guard::Module => (config.enable_module_command, "module"),
    };
    let from = if peer.is_local() { Caller::Local } else { Caller::Remote };
    if *peer == Peer::Embedded || permission.allows(from) {
        return Ok(());
    }
    Err(Error::with(format!(
        "ERR {} command not allowed. If the enable-{name}-command option is set to \"local\", you can run it from a local \
         connection, otherwise you need to set this option in the configuration file, and then restart the server.",
        name.to_uppercase()
    )))
}

/// Redis shows at most this much of an unknown command and of its arguments.
const UNKNOWN_SHOWN: usize = 128;

fn unknown_subcommand(command: &Registered, sub: &[u8]) -> Error {
    let mut text = b"ERR unknown subcommand '".to_vec();
    text.extend_from_slice(&sub[..sub.len().min(UNKNOWN_SHOWN)]);
    text.extend_from_slice(b"'. Try ");
    text.extend_from_slice(command.spec.name.to_ascii_uppercase().as_bytes());
    text.extend_from_slice(b" HELP.");
    Error::with(text)
}

fn unknown_command(args: Args<'_>) -> Error {
    let name = args.at(0);
    let mut text = b"ERR unknown command '".to_vec();
    text.extend_from_slice(&name[..name.len().min(UNKNOWN_SHOWN)]);
    text.extend_from_slice(b"', with args beginning with: ");
    let mut shown = 0;
    for arg in args.iter().skip(1) {
        if shown >= UNKNOWN_SHOWN {
            break;
        }
        let part = &arg[..arg.len().min(UNKNOWN_SHOWN - shown)];
        text.push(b'\'');
        text.extend_from_slice(part);
        text.extend_from_slice(b"' ");
        shown += part.len() + 3;
    }
    Error::with(text)
}

fn wrong_arity(full_name: &str) -> Error {
    Error::with(format!("ERR wrong number of arguments for '{full_name}' command"))
}

fn only_listens(full_name: &str) -> Error {
    Error::with(format!(
        "ERR Can't execute '{full_name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in \
         this context"
    ))
}
