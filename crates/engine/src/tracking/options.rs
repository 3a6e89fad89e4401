//! CLIENT TRACKING's options and the rules between them.

use super::SessionTracking;
use super::session::{begin, end_tracking};
use crate::engine::Engine;
use crate::session::Session;
use command::{Args, Error, Result};
use keyspace::Tracking;

/// Which commands' keys are remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Selection {
    /// All.
    #[default]
    All,
    /// Those behind CLIENT CACHING YES.
    OptIn,
    /// All but those behind CLIENT CACHING NO.
    OptOut,
}

/// What CLIENT TRACKING was given.
#[derive(Default)]
pub(crate) struct TrackingOptions<'a> {
    pub(super) redirect: Option<u64>,
    pub(super) broadcast: bool,
    pub(super) prefixes: Vec<&'a [u8]>,
    pub(super) selection: Selection,
    /// Both OPTIN and OPTOUT were given.
    both: bool,
    pub(super) no_loop: bool,
}

impl<'a> TrackingOptions<'a> {
    /// Reads all options.
    ///
    /// # Errors
    /// Redis' errors about each by itself.
    pub(crate) fn parse(engine: &Engine, args: &mut Args<'a>) -> Result<TrackingOptions<'a>> {
        let mut options = TrackingOptions::default();
        while !args.is_empty() {
            if args.take_with_value("REDIRECT") {
                if options.redirect.is_some() {
                    return Err(Error::new("ERR A client can only redirect to a single other client"));
                }
                options.redirect = Some(existing_client(engine, args.int()?)?);
            } else if args.take("BCAST") {
                options.broadcast = true;
            } else if args.take("OPTIN") {
                options.select(Selection::OptIn);
            } else if args.take("OPTOUT") {
                options.select(Selection::OptOut);
            } else if args.take("NOLOOP") {
                options.no_loop = true;
            } else if args.take_with_value("PREFIX") {
                options.prefixes.push(args.bytes()?);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }

    fn select(&mut self, selection: Selection) {
        self.both |= self.selection != Selection::All && self.selection != selection;
        self.selection = selection;
    }

    /// CLIENT TRACKING ON.
    ///
    /// # Errors
    /// Redis' errors about options that contradict each other, or what the session tracks already.
    pub(crate) fn turn_on(&self, engine: &Engine, session: &mut Session) -> Result<()> {
        if !self.broadcast && !self.prefixes.is_empty() {
            return Err(Error::new("ERR PREFIX option requires BCAST mode to be enabled"));
        }
        let present = session.tracking.as_deref();
        if present.is_some_and(|present| self.broadcast != broadcasts(present)) {
            return Err(Error::new(
                "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it \
                 with a different mode.",
            ));
        }
        let selects = self.selection != Selection::All;
        if self.broadcast && selects {
            return Err(Error::new("ERR OPTIN and OPTOUT are not compatible with BCAST"));
        }
        if self.both {
            return Err(Error::new("ERR You can't specify both OPTIN mode and OPTOUT mode"));
        }
        let selected = present.map_or(Selection::All, |present| present.selection);
        if selects && selected != Selection::All && self.selection != selected {
            return Err(Error::new(
                "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it \
                 with a different mode.",
            ));
        }
        self.check_prefixes(present)?;
        begin(engine, session, self);
        Ok(())
    }

    /// CLIENT TRACKING OFF.
    pub(crate) fn turn_off(&self, engine: &Engine, session: &mut Session) {
        end_tracking(engine, session);
    }

    fn check_prefixes(&self, present: Option<&SessionTracking>) -> Result<()> {
        for (at, prefix) in self.prefixes.iter().enumerate() {
            let present = present.into_iter().flat_map(|present| &present.prefixes);
            if let Some(other) = present.map(|other| &**other).find(|other| overlap(prefix, other)) {
                return Err(overlapping(prefix, "an existing", other));
            }
            if let Some(other) = self.prefixes[at + 1..].iter().find(|other| overlap(prefix, other)) {
                return Err(overlapping(prefix, "another provided", other));
            }
        }
        Ok(())
    }
}

fn broadcasts(tracking: &SessionTracking) -> bool {
    tracking.tracker.tracking() == Tracking::Prefixes
}

fn existing_client(engine: &Engine, id: i64) -> Result<u64> {
    let id = u64::try_from(id).ok().filter(|id| engine.clients.get(*id).is_some());
    id.ok_or(Error::new("ERR The client ID you want redirect to does not exist"))
}

fn overlap(a: &[u8], b: &[u8]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn overlapping(prefix: &[u8], which: &str, other: &[u8]) -> Error {
    let parts: [&[u8]; 7] = [
        b"ERR Prefix '",
        prefix,
        b"' overlaps with ",
        which.as_bytes(),
        b" prefix '",
        other,
        b"'. Prefixes for a single client must not overlap.",
    ];
    Error::with(parts.concat())
}
