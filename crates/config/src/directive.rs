//! What a directive is, and the macro that makes directives and the fields of `Config` out of one table.

use std::fmt;

use crate::table::{Config, DIRECTIVES};
use crate::value::{Origin, Problem, Word};

/// One configuration directive: everything about it but its value, which is a field of [`Config`].
pub struct Directive {
    /// Its name, in lower case with dashes.
    pub name: &'static str,
    /// Other names for the same setting, mostly of older versions.
    pub aliases: &'static [&'static str],
    /// When and by whom it can be changed and seen.
    pub access: Access,
    /// Whether this version does what it says.
    pub status: Status,
    /// One line for people.
    pub summary: &'static str,
    pub(crate) assign: fn(&mut Config, &[Word], Origin) -> Result<(), Problem>,
    pub(crate) show: fn(&Config) -> Vec<u8>,
    pub(crate) lines: fn(&Config) -> Option<Vec<Vec<u8>>>,
    pub(crate) allowed: fn() -> String,
}

impl Directive {
    /// The directive with that name or alias, in any case. Searches the whole table.
    pub fn find(name: &[u8]) -> Option<&'static Self> {
        DIRECTIVES.iter().find(|directive| directive.canonical(name).is_some())
    }

    /// The name or alias that `name` is, but for case.
    pub(crate) fn canonical(&self, name: &[u8]) -> Option<&'static str> {
        self.names().find(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    }

    /// The name, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

impl fmt::Debug for Directive {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

/// When a setting can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// By `CONFIG SET`, at any time.
    Live,
    /// By `CONFIG SET`, if `enable-protected-configs` allows it.
    Protected,
    /// Only at the start.
    AtStart,
    /// Only at the start, and neither `CONFIG GET` nor `CONFIG SET` knows it.
    FileOnly,
}

/// When and by whom a setting can be changed and seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// When it can be changed.
    pub change: Change,
    /// `CONFIG GET` answers it only when asked by its full name.
    pub hidden: bool,
    /// Logs must not show its value.
    pub secret: bool,
}

impl Access {
    pub(crate) const fn new(change: Change) -> Self {
        Self { change, hidden: false, secret: false }
    }

    pub(crate) const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    pub(crate) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// Whether this version does what a directive says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Acts,
    /// It will when this part of the server exists.
    NotYet(Feature),
    /// It never will, for this reason; it is known so that files and tools of Redis work.
    CompatibilityOnly(&'static str),
}

/// Declares the parts of the server that settings wait for.
macro_rules! features {
    ($( $name:ident = $text:literal, )+) => {
        /// A part of the server that settings wait for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Feature {
            $( #[doc = $text] $name, )+
        }

        impl fmt::Display for Feature {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(match self {
                    $( Self::$name => $text, )+
                })
            }
        }
    };
}

features! {
    Acl = "access control lists",
    Backup = "online backups",
    Cluster = "cluster mode",
    CrashReports = "choices for crash reports",
    Defragmentation = "active defragmentation",
    Encodings = "compact encodings of hashes, sets and sorted sets",
    LogFormats = "log formats",
    MemoryStatistics = "memory histograms",
    Modules = "modules",
    Persistence = "persistence",
    Replication = "replication",
    Scripting = "scripting",
    SystemTuning = "operating system tuning",
    Tls = "TLS",
    Tracking = "client side caching",
    VectorSets = "vector sets",
}

/// A field's name with dashes for underscores: the name of its directive.
pub(crate) const fn dashed<const N: usize>(field: &str) -> [u8; N] {
    let (field, mut name, mut at) = (field.as_bytes(), [0; N], 0);
    while at < N {
        name[at] = if field[at] == b'_' { b'-' } else { field[at] };
        at += 1;
    }
    name
}

/// The text of a name made by [`dashed`].
pub(crate) const fn name_text(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(name) => name,
        Err(_) => panic!("a field's name is text"),
    }
}

/// The rule in the table, or none.
macro_rules! rule {
    () => {
        ()
    };
    ($rule:expr) => {
        $rule
    };
}

/// Makes the struct `Config`, its defaults and the list of directives out of entries of the form
/// `field | "alias": Type [rule] = default, access, status, "summary";`, where aliases and rule may be missing.
macro_rules! directives {
    ($(
        $field:ident $(| $alias:literal)* : $type:ty $([$rule:expr])? = $default:expr,
        $access:expr, $status:expr, $summary:literal;
    )+) => {
        /// The value of every directive.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $( #[doc = $summary] pub $field: $type, )+
        }

        impl Default for Config {
            /// The configuration of a server that is started without file and arguments.
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }

        /// Every directive, in the order of the table.
        pub static DIRECTIVES: &[Directive] = &[$({
            const RULE: <$type as Value>::Rule = $crate::directive::rule!($($rule)?);
            const NAME: &[u8] = &$crate::directive::dashed::<{ stringify!($field).len() }>(stringify!($field));
            Directive {
                name: $crate::directive::name_text(NAME),
                aliases: &[$($alias),*],
                access: $access,
                status: $status,
                summary: $summary,
                assign: |config, words, origin| Value::assign(&mut config.$field, words, origin, &RULE),
                show: |config| Value::show(&config.$field, &RULE),
                lines: |config| Value::lines(&config.$field, &RULE),
                allowed: || <$type as Value>::allowed(&RULE),
            }
        }),+];
    };
}

pub(crate) use {directives, rule};
