//! All commands of the server, found by name.

use crate::admin::AdminHandler;
use command::{Begin, Command, Error, Find, Flag, FlagSet, Footprint, Handler, Spec};
use std::collections::HashMap;
use std::fmt;

/// The number of a command, subcommands included: an index into per-command counters.
pub type CommandId = u16;

/// What runs a command.
#[derive(Clone, Copy)]
pub enum Run {
    /// A handler that sees data only.
    Data(Handler),
    /// A handler that sees the session and the server too.
    Admin(AdminHandler),
    /// EXEC: it runs other commands.
    Exec,
}

impl Run {
    /// That of a name that needs a subcommand behind it. It never runs: admission finds the subcommand, or refuses the
    /// request.
    pub(crate) const CONTAINER: Run = Run::Admin(|_, _, _| Err(Error::SYNTAX));
}

/// A command of the server.
pub struct Registered {
    /// Its number.
    pub id: CommandId,
    /// Its declaration.
    pub spec: &'static Spec,
    /// Its handler.
    pub run: Run,
    /// The declared flags, as a set.
    pub flags: FlagSet,
    /// `get`, `xgroup|create`.
    pub full_name: String,
    /// Words of the name: 1, or 2 for a subcommand.
    pub words: usize,
    /// The one argument that is the command's only key, if that is all its key specification says.
    pub single_key: Option<usize>,
    /// Subcommands.
    pub subcommands: Vec<CommandId>,
    /// The container of a subcommand.
    pub container: Option<CommandId>,
    /// Whether it has a name: `rename-command` can take that away.
    pub in_use: bool,
}

impl Registered {
    /// The subcommands themselves.
    pub fn subcommands<'s, 'r>(
        &'s self,
        registry: &'r Registry,
    ) -> impl Iterator<Item = &'r Registered> + use<'s, 'r> {
        self.subcommands.iter().map(|id| registry.command(*id))
    }
}

/// Why a command can't be renamed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RenameError {
    /// Nothing has the old name.
    NoSuchCommand,
    /// Another command has the new name.
    NameInUse,
}

impl fmt::Display for RenameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            RenameError::NoSuchCommand => "No such command in rename-command",
            RenameError::NameInUse => "Target command name already exists",
        })
    }
}

impl std::error::Error for RenameError {}

/// Commands by name and by number.
pub struct Registry {
    commands: Vec<Registered>,
    /// Names in use (after `rename-command`), in lower case.
    names: HashMap<Vec<u8>, CommandId>,
    /// Open addressing over `quick_hash`, for lookups without allocation.
    quick: Vec<Option<CommandId>>,
    quick_names: Vec<Vec<u8>>,
}

const QUICK_SLOTS: usize = 4096;

impl Registry {
    /// The registry of these commands under their own names.
    pub fn new(data: &[&'static [Command<Handler>]], admin: &[&'static [Command<Run>]]) -> Registry {
        let mut registry = Registry {
            commands: Vec::new(),
            names: HashMap::new(),
            quick: Vec::new(),
            quick_names: Vec::new(),
        };
        for command in data.iter().copied().flatten() {
            registry.add(command, |handler| Run::Data(*handler));
        }
        for command in admin.iter().copied().flatten() {
            registry.add(command, |run| *run);
        }
        for command in registry.commands.iter().filter(|command| command.container.is_none()) {
            registry.names.insert(command.spec.name.as_bytes().to_vec(), command.id);
        }
        registry.build_quick();
        registry
    }

    /// Gives the command that is called `from` the name `to`, or none at all if that is empty.
    ///
    /// # Errors
    /// Nothing is called `from`, or something else is called `to` already; then nothing has changed.
    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameError> {
        let (from, to) = (from.to_ascii_lowercase(), to.to_ascii_lowercase());
        let id = *self.names.get(&from).ok_or(RenameError::NoSuchCommand)?;
        if self.names.get(&to).is_some_and(|other| *other != id) {
            return Err(RenameError::NameInUse);
        }
        self.names.remove(&from);
        self.commands[usize::from(id)].in_use = !to.is_empty();
        if !to.is_empty() {
            self.names.insert(to, id);
        }
        self.build_quick();
        Ok(())
    }

    fn add<F>(&mut self, command: &'static Command<F>, run: impl Fn(&'static F) -> Run + Copy) {
        let id = self.push(&command.spec, run(&command.run), None);
        for sub in command.subcommands {
            let sub_id = self.push(&sub.spec, run(&sub.run), Some(id));
            self.commands[usize::from(id)].subcommands.push(sub_id);
        }
    }

    fn push(&mut self, spec: &'static Spec, run: Run, container: Option<CommandId>) -> CommandId {
        let id = self.commands.len() as CommandId;
        let full_name = match container {
            Some(container) => format!("{}|{}", self.command(container).spec.name, spec.name),
            None => spec.name.to_owned(),
        };
        self.commands.push(Registered {
            id,
            spec,
            run,
            flags: FlagSet::of(spec.flags),
            full_name,
            words: 1 + usize::from(container.is_some()),
            single_key: single_key(spec),
            subcommands: Vec::new(),
            container,
            in_use: true,
        });
        id
    }

    fn build_quick(&mut self) {
        self.quick = vec![None; QUICK_SLOTS];
        self.quick_names = vec![Vec::new(); QUICK_SLOTS];
        for (name, id) in &self.names {
            let mut at = quick_hash(name);
            while self.quick[at].is_some() {
                at = (at + 1) % QUICK_SLOTS;
            }
            self.quick[at] = Some(*id);
            self.quick_names[at].clone_from(name);
        }
    }

    /// The command that a name in any case belongs to. O(1), no allocation.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<&Registered> {
        let mut at = quick_hash(name);
        while let Some(id) = self.quick[at] {
            if self.quick_names[at].eq_ignore_ascii_case(name) {
                return Some(&self.commands[usize::from(id)]);
            }
            at = (at + 1) % QUICK_SLOTS;
        }
        None
    }

    /// A subcommand by name in any case.
    pub fn find_sub(&self, container: &Registered, name: &[u8]) -> Option<&Registered> {
        container.subcommands(self).find(|sub| name.eq_ignore_ascii_case(sub.spec.name.as_bytes()))
    }

    /// A command by number.
    #[inline]
    pub fn command(&self, id: CommandId) -> &Registered {
        &self.commands[usize::from(id)]
    }

    /// All commands, subcommands behind their containers.
    pub fn all(&self) -> &[Registered] {
        &self.commands
    }

    /// Commands in use with their present names, in no particular order.
    pub fn named(&self) -> impl Iterator<Item = (&[u8], &Registered)> {
        self.names.iter().map(|(name, id)| (&**name, self.command(*id)))
    }
}

/// Mixes length and letters (bit 5, the case, set) into a table index.
#[inline]
fn quick_hash(name: &[u8]) -> usize {
    let mut hash = name.len() as u64;
    for byte in name.iter().take(16) {
        hash = hash.wrapping_mul(31).wrapping_add(u64::from(byte | 0x20));
    }
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize % QUICK_SLOTS
}

/// The index of a command's only key, if its declaration is exactly that and its handler needs that key's shard.
fn single_key(spec: &Spec) -> Option<usize> {
    let [key] = spec.keys else { return None };
    let simple = matches!(key.find, Find::Range { last: 0, .. })
        && spec.footprint == Footprint::Keys
        && spec.reach.is_none();
    match key.begin {
        Begin::Index(index) if simple && !spec.flags.contains(&Flag::MovableKeys) => Some(index),
        _ => None,
    }
}
