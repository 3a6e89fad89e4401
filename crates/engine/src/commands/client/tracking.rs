//! Client-side caching: CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO.

use super::CONNECTION;
use crate::admin::Admin;
use crate::client::Client;
use crate::registry::Run;
use crate::tracking::{Selection, SessionTracking, TrackingOptions};
use command::Flag::{Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};
use keyspace::Tracking;

pub(super) const TRACKING: Command<Run> = Command::new(
    Spec {
        name: "tracking",
        since: "6.0.0",
        summary: "Has the connection, or another one, told when keys change that the connection has read.",
        complexity: "O(1), and O(N) for each of N prefixes",
        syntax: "CLIENT TRACKING <ON | OFF>:status [REDIRECT client-id:integer] [PREFIX prefix [PREFIX prefix ...]] [BCAST] \
                 [OPTIN] [OPTOUT] [NOLOOP]",
        arity: -3,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT TRACKING ON
OK
> CLIENT TRACKING ON PREFIX user:
(error) ERR PREFIX option requires BCAST mode to be enabled
> CLIENT TRACKING OFF
OK
> CLIENT TRACKING ON BCAST PREFIX user: PREFIX u
(error) ERR Prefix 'user:' overlaps with another provided prefix 'u'. Prefixes for a single client must not overlap.",
        ..CONNECTION
    },
    Run::Admin(tracking),
);

fn tracking(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let on = if args.take("ON") {
        true
    } else if args.take("OFF") {
        false
    } else {
        // Redis looks at the options first.
        args.bytes()?;
        TrackingOptions::parse(admin.engine, args)?;
        return Err(Error::SYNTAX);
    };
    let options = TrackingOptions::parse(admin.engine, args)?;
    if on {
        options.turn_on(admin.engine, admin.session)?;
    } else {
        options.turn_off(admin.engine, admin.session);
    }
    Ok(reply.ok())
}

pub(super) const CACHING: Command<Run> = Command::new(
    Spec {
        name: "caching",
        since: "6.0.0",
        summary: "Says whether the keys of the next command are tracked.",
        syntax: "CLIENT CACHING <YES | NO>:mode",
        arity: 3,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT TRACKING ON OPTIN
OK
> CLIENT CACHING YES
OK
> CLIENT CACHING NO
(error) ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
        ..CONNECTION
    },
    Run::Admin(caching),
);

fn caching(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let Some(tracking) = &mut admin.session.tracking else {
        return Err(Error::new(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
        ));
    };
    if args.take("YES") {
        if tracking.selection != Selection::OptIn {
            return Err(Error::new(
                "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
            ));
        }
    } else if args.take("NO") {
        if tracking.selection != Selection::OptOut {
            return Err(Error::new(
                "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
            ));
        }
    } else {
        return Err(Error::SYNTAX);
    }
    tracking.excepted = true;
    Ok(reply.ok())
}

pub(super) const GETREDIR: Command<Run> = Command::new(
    Spec {
        name: "getredir",
        since: "6.0.0",
        summary: "The id of the connection that is told in place of this one: 0 if none is, -1 if nothing is tracked.",
        syntax: "CLIENT GETREDIR",
        arity: 2,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT GETREDIR
(integer) -1",
        ..CONNECTION
    },
    Run::Admin(|admin, _, reply| Ok(reply.int(redirection(&admin.session.client)))),
);

/// The client that is told in place of this one; 0 if none is, -1 if nothing is tracked.
pub(super) fn redirection(client: &Client) -> i64 {
    let tracker = client.tracker.get().filter(|tracker| tracker.tracking() != Tracking::Off);
    tracker.map_or(-1, |tracker| tracker.redirect().unwrap_or(0) as i64)
}

pub(super) const TRACKINGINFO: Command<Run> = Command::new(
    Spec {
        name: "trackinginfo",
        since: "6.2.0",
        summary: "What the connection tracks.",
        syntax: "CLIENT TRACKINGINFO",
        arity: 2,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT TRACKINGINFO
1) \"flags\"
2) 1) \"off\"
3) \"redirect\"
4) (integer) -1
5) \"prefixes\"
6) (empty array)",
        ..CONNECTION
    },
    Run::Admin(tracking_info),
);

fn tracking_info(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let tracking = admin.session.tracking.as_deref();
    let words = flags(tracking);
    let mut facts = reply.map(3);
    facts.bulk(b"flags");
    let mut flags = facts.set(words.len());
    words.iter().for_each(|word| flags.bulk(word.as_bytes()));
    facts.bulk(b"redirect");
    facts.int(redirection(&admin.session.client));
    facts.bulk(b"prefixes");
    let mut prefixes = facts.array(tracking.map_or(0, |tracking| tracking.prefixes.len()));
    tracking.into_iter().flat_map(|tracking| &tracking.prefixes).for_each(|prefix| prefixes.bulk(prefix));
    Ok(facts.done())
}

fn flags(tracking: Option<&SessionTracking>) -> Vec<&'static str> {
    let Some(SessionTracking { tracker, selection, excepted, .. }) = tracking else { return vec!["off"] };
    let words = [
        (true, "on"),
        (tracker.tracking() == Tracking::Prefixes, "bcast"),
        (*selection == Selection::OptIn, "optin"),
        (*selection == Selection::OptIn && *excepted, "caching-yes"),
        (*selection == Selection::OptOut, "optout"),
        (*selection == Selection::OptOut && *excepted, "caching-no"),
        (tracker.no_loop(), "noloop"),
        (tracker.has_broken_redirect(), "broken_redirect"),
    ];
    words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}
