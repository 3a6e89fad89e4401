//! XTRIM, and how XADD and XTRIM say what is to be trimmed.

use super::id;
use super::policy::{policy, policy_word};
use super::record::Record;
use command::Flag::Write;
use command::KeyFlag::{Delete, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Limits, Replicate, Reply, Result, Spec,
};
use structs::stream::{References, Stream, StreamId, Trim, TrimTo};

const MAXLEN_NEGATIVE: Error = Error::new("ERR The MAXLEN argument must be >= 0.");
const LIMIT_NEGATIVE: Error = Error::new("ERR The LIMIT argument must be >= 0.");
const TWO_STRATEGIES: Error =
    Error::new("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
const LIMIT_WITHOUT_STRATEGY: Error =
    Error::new("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
const NO_STRATEGY: Error = Error::new("ERR syntax error, XTRIM must be called with a trimming strategy");
const LIMIT_WITHOUT_TILDE: Error =
    Error::new("ERR syntax error, LIMIT cannot be used without the special ~ option");

/// Trimming reports this.
pub(super) const TRIMMED: Event = Event::stream("xtrim");

/// XTRIM
pub const XTRIM: Command<Handler> = Command::new(
    Spec {
        name: "xtrim",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Removes the oldest entries of a stream.",
        complexity: "O(N), N being the number of entries removed; with ~ the number of nodes removed",
        syntax: "XTRIM key {<MAXLEN | MINID> [= | ~] threshold [LIMIT count]}:trim [KEEPREF | DELREF | ACKED]",
        arguments_since: &[("count", "6.2.0"), ("minid", "6.2.0")],
        arity: -4,
        flags: &[Write],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        replicate: Replicate::Outcome,
        tips: &["nondeterministic_output"],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XADD log 2-1 line b
\"2-1\"
> XADD log 3-1 line c
\"3-1\"
> XTRIM log MAXLEN 2
(integer) 1
> XTRIM log MINID = 3
(integer) 1",
        ..Spec::DEFAULT
    },
    xtrim,
);

fn xtrim(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut options = TrimOptions::default();
    while !args.is_empty() {
        if !options.take(args)? {
            return Err(Error::SYNTAX);
        }
    }
    let trim = options.finish_required(cx)?;
    let Some(mut stream) = cx.slot(key).open::<Stream>()? else { return Ok(reply.int(0)) };
    let removed = trim.apply(&mut stream);
    if removed > 0 {
        stream.changed_by(removed as usize, TRIMMED);
        if trim.needs_record() && stream.is_recorded() {
            let mut record = Record::new([b"XTRIM", key]);
            trim.push_to(&mut record, &stream);
            let db = stream.db();
            record.enter(stream.effects(), db);
        }
    }
    Ok(reply.int(removed as i64))
}

/// What has been read of the options that trim.
#[derive(Default)]
pub(super) struct TrimOptions {
    to: Option<TrimTo>,
    approximate: bool,
    limit: Option<u64>,
    references: Option<References>,
}

impl TrimOptions {
    /// Reads an option, if the next words are one.
    pub(super) fn take(&mut self, args: &mut Args<'_>) -> Result<bool> {
        if args.take_with_value("MAXLEN") {
            self.operator(args)?;
            let most = args.int_in(0.., MAXLEN_NEGATIVE)?;
            self.to = Some(TrimTo::MaxLen(most as u64));
        } else if args.take_with_value("MINID") {
            self.operator(args)?;
            self.to = Some(TrimTo::MinId(id::exact(args.bytes()?)?));
        } else if args.take_with_value("LIMIT") {
            self.limit = Some(args.int_in(0.., LIMIT_NEGATIVE)? as u64);
        } else if let Some(references) = policy(args) {
            if self.references.replace(references).is_some() {
                return Err(Error::SYNTAX);
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn operator(&mut self, args: &mut Args<'_>) -> Result<()> {
        if self.to.is_some() {
            return Err(TWO_STRATEGIES);
        }
        self.approximate = args.take_with_value("~");
        if !self.approximate {
            args.take_with_value("=");
        }
        Ok(())
    }

    /// What the options come to, once all are read; nothing if none trims.
    pub(super) fn finish(self, cx: &Cx<'_>) -> Result<Option<TrimBy>> {
        match (self.to, self.limit) {
            (Some(to), _) => self.trim_to(to, cx).map(Some),
            (None, Some(1..)) => Err(LIMIT_WITHOUT_STRATEGY),
            (None, Some(0)) => Err(LIMIT_WITHOUT_TILDE),
            (None, None) => Ok(None),
        }
    }

    /// What the options come to, once all are read; one of them must trim.
    fn finish_required(self, cx: &Cx<'_>) -> Result<TrimBy> {
        match (self.to, self.limit) {
            (Some(to), _) => self.trim_to(to, cx),
            (None, Some(1..)) => Err(LIMIT_WITHOUT_STRATEGY),
            (None, _) => Err(NO_STRATEGY),
        }
    }

    fn trim_to(self, to: TrimTo, cx: &Cx<'_>) -> Result<TrimBy> {
        let limit = match self.limit {
            // A journal of Redis keeps the limit of a trim that it has made exact.
            Some(_) if !self.approximate && !cx.caller.is_client() => None,
            Some(_) if !self.approximate => return Err(LIMIT_WITHOUT_TILDE),
            None if self.approximate => Some(default_limit(cx.limits)),
            limit => limit.filter(|limit| *limit > 0),
        };
        let trim = Trim { to, approximate: self.approximate, limit };
        Ok(TrimBy { trim, references: self.references.unwrap_or_default() })
    }
}

/// The most entries that an approximate trim removes unless it says how many: those of a hundred nodes.
fn default_limit(limits: &Limits) -> u64 {
    match limits.stream.entries.saturating_mul(100) {
        0 => 10_000,
        entries => entries.min(1_000_000),
    }
}

/// A trim and what it does about entries that groups refer to.
pub(super) struct TrimBy {
    trim: Trim,
    references: References,
}

impl TrimBy {
    /// Trims; answers how many entries are gone.
    pub(super) fn apply(&self, stream: &mut Stream) -> u64 {
        stream.trim(&self.trim, self.references)
    }

    /// Whether the references of groups decide what is removed.
    fn minds_references(&self, stream: &Stream) -> bool {
        self.references != References::Keep && stream.group_count() > 0
    }

    /// Whether the words given don't say what the trim has come to.
    pub(super) fn needs_record(&self) -> bool {
        self.trim.approximate
    }

    /// Appends the options with which a trim that has been applied is recorded.
    ///
    /// Where nodes end is no part of the state, so what an approximate trim came to is recorded as an exact one. When
    /// references matter no node does: then the options themselves are recorded, with a limit that the configuration
    /// may have set.
    pub(super) fn push_to(&self, record: &mut Record<'_>, stream: &Stream) {
        let as_given = self.minds_references(stream) || !self.trim.approximate;
        let operator: &[u8] = if as_given && self.trim.approximate { b"~" } else { b"=" };
        match self.trim.to {
            TrimTo::MaxLen(most) => {
                let left = if as_given { most } else { stream.len() };
                record.words([b"MAXLEN", operator]).number(left as i64);
            }
            TrimTo::MinId(id) => {
                let first = || stream.log().first_id().unwrap_or(StreamId::MAX);
                record.words([b"MINID", operator]).id(if as_given { id } else { first() });
            }
        }
        if self.minds_references(stream) {
            if self.trim.approximate {
                record.word(b"LIMIT").number(self.trim.limit.unwrap_or(0) as i64);
            }
            record.word(policy_word(self.references));
        }
    }
}
