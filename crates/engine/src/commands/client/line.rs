//! A line of CLIENT LIST.

use super::{flags, tracking::redirection};
use crate::client::Client;
use crate::engine::Engine;
use crate::registry::CommandId;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

/// Replies up to this size count as `obl`, larger ones as an element of the list that `oll` and `omem` tell of: the size
/// of the buffer that Redis fills before it begins a list. Here it is one buffer for all.
const SMALL_OUTPUT: u64 = 16 << 10;

/// What a line shows besides the client.
pub(super) struct Moment<'a> {
    pub(super) engine: &'a Engine,
    /// Microseconds since the epoch.
    pub(super) now_us: i64,
    /// The client that asks, and the bytes of its arguments.
    pub(super) asking: (u64, usize),
}

/// Appends a client's line, without a line end.
pub(super) fn write(out: &mut Vec<u8>, client: &Client, moment: &Moment<'_>) {
    let result = identity(out, client, moment)
        .and_then(|()| buffers(out, client, moment))
        .and_then(|()| activity(out, client, moment));
    debug_assert!(result.is_ok(), "writing to a vector can't fail");
}

fn identity(out: &mut Vec<u8>, client: &Client, moment: &Moment<'_>) -> std::io::Result<()> {
    let seconds_since = |us: i64| (moment.now_us - us).max(0) / 1_000_000;
    write!(out, "id={} addr={} laddr={}", client.id, client.peer.remote(), client.peer.local())?;
    write!(out, " fd={} name=", client.fd)?;
    out.extend_from_slice(&client.labels.lock().name);
    let (age, idle) = (seconds_since(client.connected_us), seconds_since(client.active_us.load(Relaxed)));
    write!(out, " age={age} idle={idle} flags={}", flags::of(client))?;
    write!(out, " db={} sub={}", client.db.load(Relaxed), client.channels.load(Relaxed))?;
    write!(out, " psub={} ssub={}", client.patterns.load(Relaxed), client.shard_channels.load(Relaxed))?;
    write!(out, " multi={} watch={}", client.queued.load(Relaxed), client.watched.load(Relaxed))
}

fn buffers(out: &mut Vec<u8>, client: &Client, moment: &Moment<'_>) -> std::io::Result<()> {
    let query = client.query_bytes.load(Relaxed);
    let query_free = client.query_capacity.load(Relaxed).saturating_sub(query);
    let arguments = if client.id == moment.asking.0 { moment.asking.1 } else { 0 };
    write!(out, " qbuf={query} qbuf-free={query_free} argv-mem={arguments}")?;
    write!(out, " multi-mem={}", client.queued_bytes.load(Relaxed))?;
    let (unsent, capacity) = (client.output_bytes.load(Relaxed), client.output_capacity.load(Relaxed));
    write!(out, " rbs={capacity} rbp={}", client.output_peak.load(Relaxed))?;
    if unsent <= SMALL_OUTPUT {
        write!(out, " obl={unsent} oll=0 omem=0")?;
    } else {
        write!(out, " obl=0 oll=1 omem={capacity}")?;
    }
    let memory = client.memory_bytes() + arguments as u64;
    write!(out, " tot-mem={memory} events={}", if unsent > 0 { "rw" } else { "r" })
}

fn activity(out: &mut Vec<u8>, client: &Client, moment: &Moment<'_>) -> std::io::Result<()> {
    let last = client.command.load(Relaxed);
    let last = if last == CommandId::MAX { "NULL" } else { &moment.engine.registry.command(last).full_name };
    let labels = client.labels.lock();
    write!(out, " cmd={last} user=")?;
    out.extend_from_slice(&labels.user);
    let resp = if client.resp3.load(Relaxed) { 3 } else { 2 };
    write!(out, " redir={} resp={resp} lib-name=", redirection(client))?;
    out.extend_from_slice(&labels.library_name);
    out.extend_from_slice(b" lib-ver=");
    out.extend_from_slice(&labels.library_version);
    let (received, sent) = (client.received_bytes.load(Relaxed), client.sent_bytes.load(Relaxed));
    write!(out, " io-thread={} tot-net-in={received} tot-net-out={sent}", client.worker)?;
    write!(out, " tot-cmds={}", client.commands.load(Relaxed))
}
