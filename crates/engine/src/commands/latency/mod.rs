//! LATENCY: what took too long, and how long commands take.

mod doctor;
mod graph;
mod histogram;

use crate::admin::Admin;
use crate::latency::{LatencyEvent, Series};
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[LATENCY];

const SERVER: Spec = Spec {
    group: Group::Server,
    since: "2.8.13",
    footprint: Footprint::Nothing,
    flags: &[AdminFlag, NoScript, Loading, Stale],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] = &[DOCTOR, GRAPH, HELP, HISTOGRAM, HISTORY, LATEST, RESET];

const LATENCY: Command<Run> = Command::container(
    Spec {
        name: "latency",
        summary: "Shows what took too long, and how long commands take.",
        complexity: "Depends on the subcommand.",
        syntax: "LATENCY",
        arity: -2,
        flags: &[],
        tips: &[],
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const LATEST: Command<Run> = Command::new(
    Spec {
        name: "latest",
        summary: "The latest sample of every event: name, second, milliseconds, worst milliseconds.",
        syntax: "LATENCY LATEST",
        arity: 2,
        ..SERVER
    },
    Run::Admin(latest),
);

fn latest(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let monitor = admin.engine.latency.lock();
    let mut events = reply.array(monitor.all().len());
    for (event, series) in monitor.all() {
        let sample = series.latest();
        let mut parts = events.array(4);
        parts.bulk(event.name().as_bytes());
        parts.int(sample.map_or(0, |sample| sample.at_s));
        parts.int(sample.map_or(0, |sample| sample.time_ms.into()));
        parts.int(series.worst_ms().into());
    }
    Ok(events.done())
}

const HISTORY: Command<Run> = Command::new(
    Spec {
        name: "history",
        summary: "The samples of an event: second and milliseconds.",
        syntax: "LATENCY HISTORY event",
        arity: 3,
        ..SERVER
    },
    Run::Admin(history),
);

fn history(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let monitor = admin.engine.latency.lock();
    let series = LatencyEvent::named(args.bytes()?).and_then(|event| monitor.of(event));
    let mut samples = reply.array(series.map_or(0, |series| series.samples().len()));
    for sample in series.into_iter().flat_map(Series::samples) {
        let mut pair = samples.array(2);
        pair.int(sample.at_s);
        pair.int(sample.time_ms.into());
    }
    Ok(samples.done())
}

const RESET: Command<Run> = Command::new(
    Spec {
        name: "reset",
        summary: "Forgets the samples of some events, or of all.",
        syntax: "LATENCY RESET [event [event ...]]",
        arity: -2,
        tips: &["request_policy:all_nodes", "response_policy:agg_sum"],
        ..SERVER
    },
    Run::Admin(reset),
);

fn reset(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut monitor = admin.engine.latency.lock();
    if args.is_empty() {
        return Ok(reply.len(monitor.clear()));
    }
    let events = args.rest().filter_map(LatencyEvent::named);
    Ok(reply.len(events.filter(|event| monitor.forget(*event)).count()))
}

const GRAPH: Command<Run> = Command::new(
    Spec {
        name: "graph",
        summary: "Draws the samples of an event.",
        syntax: "LATENCY GRAPH event",
        arity: 3,
        ..SERVER
    },
    Run::Admin(draw),
);

fn draw(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let name = args.bytes()?;
    let monitor = admin.engine.latency.lock();
    let Some((event, series)) = LatencyEvent::named(name).and_then(|event| Some((event, monitor.of(event)?)))
    else {
        let mut text = b"ERR No samples available for event '".to_vec();
        text.extend_from_slice(name);
        text.push(b'\'');
        return Err(Error::with(text));
    };
    let text = graph::draw(event.name(), series, admin.cx.now.us / 1_000_000);
    Ok(reply.verbatim(text.as_bytes()))
}

const DOCTOR: Command<Run> = Command::new(
    Spec {
        name: "doctor",
        summary: "Says what was slow and what to do about it.",
        syntax: "LATENCY DOCTOR",
        arity: 2,
        ..SERVER
    },
    Run::Admin(examine),
);

fn examine(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let report = doctor::report(&admin.engine.latency.lock(), &admin.engine.config());
    Ok(reply.verbatim(report.as_bytes()))
}

const HISTOGRAM: Command<Run> = Command::new(
    Spec {
        name: "histogram",
        since: "7.0.0",
        summary: "How long commands took: how many runs took at most so many microseconds.",
        complexity: "O(N), N being the number of commands",
        syntax: "LATENCY HISTOGRAM [command [command ...]]",
        arity: -2,
        ..SERVER
    },
    Run::Admin(histogram::histogram),
);

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        summary: "Lists the subcommands of LATENCY.",
        syntax: "LATENCY HELP",
        arity: 2,
        flags: &[Loading, Stale],
        tips: &[],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "LATENCY", SUBCOMMANDS))),
);
