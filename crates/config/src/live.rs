//! `CONFIG GET` and `CONFIG SET`: reading and changing the settings of a running server.

use std::borrow::Cow;
use std::collections::HashSet;

use base::glob::{self, Case};

use crate::choice::Permission;
use crate::directive::{Change, Directive};
use crate::error::SetError;
use crate::table::{Config, DIRECTIVES};
use crate::text::Text;
use crate::value::Origin;

/// Where a client comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// This machine: the loopback interface or a Unix socket.
    Local,
    /// Anywhere else.
    Remote,
}

impl Permission {
    /// Whether a client from there has this permission.
    pub fn allows(self, caller: Caller) -> bool {
        match self {
            Self::Yes => true,
            Self::Local => caller == Caller::Local,
            Self::No => false,
        }
    }
}

/// A directive that `CONFIG SET` has given another value.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The directive.
    pub directive: &'static Directive,
    /// The name or alias that the client used, in lower case.
    name: &'static str,
}

impl Changed {
    /// The error for a value that is well formed but can't be put into effect: a port that is taken, say.
    pub fn failed(&self, reason: impl Into<Cow<'static, str>>) -> SetError {
        failed(self.name.as_bytes(), reason)
    }
}

fn failed(name: &[u8], reason: impl Into<Cow<'static, str>>) -> SetError {
    SetError::Failed { name: name.into(), reason: reason.into() }
}

impl Config {
    /// The names and values that `CONFIG GET` answers: for a pattern every listed name or alias that matches it, for
    /// a full name that directive, named as it was asked for. No name comes twice.
    pub fn get<P: AsRef<[u8]>>(&self, patterns: &[P]) -> Vec<(Text, Text)> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for pattern in patterns.iter().map(AsRef::as_ref) {
            let is_name = glob::is_literal(pattern);
            for (directive, name) in visible_names() {
                let matches = (is_name || !directive.access.hidden)
                    && glob::matches(pattern, name.as_bytes(), Case::Insensitive);
                if matches && seen.insert(name) {
                    let shown = if is_name { pattern } else { name.as_bytes() };
                    found.push((shown.into(), (directive.show)(self).into()));
                }
            }
        }
        found
    }

    /// Sets several directives, or none if one of them can't be set. Tells which now have another value, in the
    /// order given.
    ///
    /// Values that are well formed may still prove impossible when they are put into effect. So change a clone, try
    /// to put it into effect, and keep it only if that works; [`Changed::failed`] makes the error.
    ///
    /// # Errors
    /// The first thing that is wrong; `self` is unchanged.
    pub fn set_many<N, V>(&mut self, pairs: &[(N, V)], caller: Caller) -> Result<Vec<Changed>, SetError>
    where
        N: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let permitted = self.find_settable(pairs, caller)?;
        let mut next = self.clone();
        for (target, (_, value)) in permitted.iter().zip(pairs) {
            (target.directive.assign)(&mut next, &[value.as_ref().to_vec()], Origin::Command)
                .map_err(|problem| target.failed(problem))?;
        }
        let differs = |target: &Changed| (target.directive.show)(self) != (target.directive.show)(&next);
        let changed = permitted.into_iter().filter(differs).collect();
        *self = next;
        Ok(changed)
    }

    /// Checks every name before any value, as Redis does.
    fn find_settable<N, V>(&self, pairs: &[(N, V)], caller: Caller) -> Result<Vec<Changed>, SetError>
    where
        N: AsRef<[u8]>,
    {
        let mut targets: Vec<Changed> = Vec::with_capacity(pairs.len());
        for (asked, _) in pairs {
            let target = self.settable(asked.as_ref(), caller)?;
            if targets.iter().any(|earlier| earlier.name == target.name) {
                return Err(failed(asked.as_ref(), "duplicate parameter"));
            }
            targets.push(target);
        }
        Ok(targets)
    }

    fn settable(&self, asked: &[u8], caller: Caller) -> Result<Changed, SetError> {
        let unknown = || SetError::Unknown { name: asked.into() };
        let directive = Directive::find(asked).ok_or_else(unknown)?;
        let name = directive.canonical(asked).ok_or_else(unknown)?;
        match directive.access.change {
            Change::FileOnly => Err(unknown()),
            Change::AtStart => Err(failed(asked, "can't set immutable config")),
            Change::Protected if !self.enable_protected_configs.allows(caller) => {
                Err(failed(asked, "can't set protected config"))
            }
            Change::Protected | Change::Live => Ok(Changed { directive, name }),
        }
    }
}

/// Every name and alias that `CONFIG` commands know.
fn visible_names() -> impl Iterator<Item = (&'static Directive, &'static str)> {
    let visible = DIRECTIVES.iter().filter(|directive| directive.access.change != Change::FileOnly);
    visible.flat_map(|directive| directive.names().map(move |name| (directive, name)))
}
