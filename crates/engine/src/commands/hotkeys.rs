//! HOTKEYS: the keys that take the most time and the most bytes.

use crate::admin::Admin;
use crate::hotkeys::{Report, Wanted};
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Seq, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[HOTKEYS];

/// How many keys are shown if nothing is said.
const DEFAULT_SHOWN: usize = 10;
/// How many keys may be shown.
const MOST_SHOWN: i64 = 64;
/// The longest duration: further ahead the clock's microseconds would end.
const MOST_SECONDS: i64 = i64::MAX / 4_000_000;

const SERVER: Spec = Spec {
    group: Group::Server,
    since: "8.6.0",
    footprint: Footprint::Nothing,
    flags: &[AdminFlag, NoScript],
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] = &[GET, HELP, RESET, START, STOP];

const HOTKEYS: Command<Run> = Command::container(
    Spec {
        name: "hotkeys",
        summary: "Shows which keys take the most time and the most bytes.",
        complexity: "Depends on the subcommand.",
        syntax: "HOTKEYS",
        arity: -2,
        flags: &[],
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const START: Command<Run> = Command::new(
    Spec {
        name: "start",
        summary: "Tracks, from now on, which keys take the most time and the most bytes.",
        syntax: "HOTKEYS START METRICS {count:integer [CPU] [NET]} [COUNT k:integer] [DURATION seconds:integer] \
                 [SAMPLE ratio:integer] [SLOTS {count:integer slot:integer [slot ...]}]",
        arity: -2,
        examples: "\
> HOTKEYS START METRICS 2 CPU NET COUNT 3 SAMPLE 1
OK
> HOTKEYS START METRICS 1 CPU
(error) ERR hotkey tracking session already in progress
> HOTKEYS START COUNT 5
(error) ERR METRICS parameter is required
> HOTKEYS START METRICS 0
(error) ERR METRICS count must be positive
> HOTKEYS START METRICS 2 CPU
(error) ERR METRICS count does not match number of metric types provided
> HOTKEYS START METRICS 1 GPU
(error) ERR METRICS no valid metrics provided
> HOTKEYS START METRICS 2 NET NET
(error) ERR METRICS NET provided more than once
> HOTKEYS START METRICS 1 CPU NET
(error) ERR syntax error
> HOTKEYS START METRICS 1 CPU COUNT 65
(error) ERR COUNT must be between 1 and 64
> HOTKEYS START METRICS 1 CPU SAMPLE 0
(error) ERR SAMPLE ratio must be positive
> HOTKEYS START METRICS 1 CPU DURATION -1
(error) ERR DURATION must not be negative
> HOTKEYS START METRICS 1 CPU SLOTS 1 7
(error) ERR SLOTS parameter cannot be used in non-cluster mode",
        ..SERVER
    },
    Run::Admin(start),
);

fn start(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let wanted = read_wanted(args)?;
    if !admin.engine.start_hot_keys(wanted, admin.cx.now.us) {
        return Err(Error::new("ERR hotkey tracking session already in progress"));
    }
    Ok(reply.ok())
}

fn read_wanted(args: &mut Args<'_>) -> Result<Wanted> {
    let (by_time, by_bytes) = read_metrics(args)?;
    let mut wanted = Wanted { by_time, by_bytes, shown: DEFAULT_SHOWN, duration_us: None, sample_ratio: 1 };
    while !args.is_empty() {
        if args.take("SLOTS") {
            return Err(Error::new("ERR SLOTS parameter cannot be used in non-cluster mode"));
        } else if args.take_with_value("COUNT") {
            let error = Error::new("ERR COUNT must be between 1 and 64");
            wanted.shown = args.int_in(1..=MOST_SHOWN, error)? as usize;
        } else if args.take_with_value("SAMPLE") {
            let error = Error::new("ERR SAMPLE ratio must be positive");
            wanted.sample_ratio = args.int_in(1.., error)? as u64;
        } else if args.take_with_value("DURATION") {
            let seconds = args.int_in(0.., Error::new("ERR DURATION must not be negative"))?;
            wanted.duration_us = (seconds > 0).then(|| seconds.min(MOST_SECONDS) * 1_000_000);
        } else {
            return Err(Error::SYNTAX);
        }
    }
    Ok(wanted)
}

/// Reads what is to be tracked: time, bytes. Unknown words beside these are left for later versions.
fn read_metrics(args: &mut Args<'_>) -> Result<(bool, bool)> {
    if !args.take("METRICS") {
        return Err(Error::new("ERR METRICS parameter is required"));
    }
    let count = args.int_in(1.., Error::new("ERR METRICS count must be positive"))?;
    let count = usize::try_from(count).ok().filter(|count| *count <= args.left());
    let Some(count) = count else {
        return Err(Error::new("ERR METRICS count does not match number of metric types provided"));
    };
    let (mut by_time, mut by_bytes) = (false, false);
    for metric in args.take_many(count) {
        if metric.eq_ignore_ascii_case(b"CPU") {
            once(&mut by_time, "ERR METRICS CPU provided more than once")?;
        } else if metric.eq_ignore_ascii_case(b"NET") {
            once(&mut by_bytes, "ERR METRICS NET provided more than once")?;
        }
    }
    if !by_time && !by_bytes {
        return Err(Error::new("ERR METRICS no valid metrics provided"));
    }
    Ok((by_time, by_bytes))
}

/// Notes a word that may be there once; an error with the text `again` if it was there before.
fn once(seen: &mut bool, again: &'static str) -> Result<()> {
    if std::mem::replace(seen, true) { Err(Error::new(again)) } else { Ok(()) }
}

const STOP: Command<Run> = Command::new(
    Spec {
        name: "stop",
        summary: "Stops tracking and keeps what is known; null if nothing was tracked.",
        syntax: "HOTKEYS STOP",
        arity: 2,
        examples: "\
> HOTKEYS STOP
(nil)
> HOTKEYS START METRICS 1 NET
OK
> HOTKEYS STOP
OK
> HOTKEYS STOP
(nil)",
        ..SERVER
    },
    Run::Admin(stop),
);

fn stop(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let now_us = admin.cx.now.us;
    admin.engine.stop_due_hot_keys(now_us);
    Ok(if admin.engine.stop_hot_keys(now_us) { reply.ok() } else { reply.null() })
}

const RESET: Command<Run> = Command::new(
    Spec {
        name: "reset",
        summary: "Forgets what was tracked. An error while tracking is under way.",
        syntax: "HOTKEYS RESET",
        arity: 2,
        examples: "\
> HOTKEYS START METRICS 1 CPU
OK
> HOTKEYS RESET
(error) ERR hotkey tracking session in progress, stop tracking first
> HOTKEYS STOP
OK
> HOTKEYS RESET
OK
> HOTKEYS GET
(nil)",
        ..SERVER
    },
    Run::Admin(reset),
);

fn reset(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.stop_due_hot_keys(admin.cx.now.us);
    if !admin.engine.reset_hot_keys() {
        return Err(Error::new("ERR hotkey tracking session in progress, stop tracking first"));
    }
    Ok(reply.ok())
}

const GET: Command<Run> = Command::new(
    Spec {
        name: "get",
        summary: "What is known of the present tracking, or of the last one; null if there is none.",
        complexity: "O(K) where K is the number of keys shown",
        syntax: "HOTKEYS GET",
        arity: 2,
        tips: &["nondeterministic_output"],
        examples: "\
> HOTKEYS GET
(nil)",
        ..SERVER
    },
    Run::Admin(get),
);

fn get(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let now_us = admin.cx.now.us;
    admin.engine.stop_due_hot_keys(now_us);
    Ok(admin.engine.with_hot_keys(now_us, |report| match report {
        None => reply.null(),
        Some(report) => write_report(&report, reply),
    }))
}

/// An array with one map: a cluster's answers are put together so.
fn write_report(report: &Report<'_>, reply: Reply<'_>) -> Done {
    let wanted = report.wanted;
    let fields = 7 + 3 * usize::from(wanted.by_time) + 2 * usize::from(wanted.by_bytes);
    let mut reports = reply.array(1);
    let mut map = reports.map(fields);
    number(&mut map, "tracking-active", u64::from(report.is_active));
    number(&mut map, "sample-ratio", wanted.sample_ratio);
    map.bulk(b"selected-slots");
    let mut slots = map.array(1);
    let mut range = slots.array(2);
    range.int(0);
    range.int(16383);
    number(&mut map, "all-commands-all-slots-us", report.time_ns / 1000);
    number(&mut map, "net-bytes-all-commands-all-slots", report.bytes);
    number(&mut map, "collection-start-time-unix-ms", report.started_us as u64 / 1000);
    number(&mut map, "collection-duration-ms", report.duration_us as u64 / 1000);
    if wanted.by_time {
        number(&mut map, "total-cpu-time-user-ms", report.usage.user_us / 1000);
        number(&mut map, "total-cpu-time-sys-ms", report.usage.system_us / 1000);
    }
    if wanted.by_bytes {
        number(&mut map, "total-net-bytes", report.usage.net_bytes);
    }
    if wanted.by_time {
        keys(&mut map, "by-cpu-time-us", &report.by_time_us());
    }
    if wanted.by_bytes {
        keys(&mut map, "by-net-bytes", &report.by_bytes());
    }
    reports.done()
}

fn number(map: &mut Seq<'_>, name: &str, value: u64) {
    map.bulk(name.as_bytes());
    map.int(i64::try_from(value).unwrap_or(i64::MAX));
}

fn keys(map: &mut Seq<'_>, name: &str, keys: &[(&[u8], u64)]) {
    map.bulk(name.as_bytes());
    let mut list = map.array(2 * keys.len());
    for (key, weight) in keys {
        list.bulk(key);
        list.int(i64::try_from(*weight).unwrap_or(i64::MAX));
    }
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "8.6.1",
        summary: "Lists the subcommands of HOTKEYS.",
        syntax: "HOTKEYS HELP",
        arity: 2,
        flags: &[Loading, Stale],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "HOTKEYS", SUBCOMMANDS))),
);
