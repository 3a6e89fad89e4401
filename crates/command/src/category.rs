//! ACL categories: which of them a command belongs to, from its declaration.

use crate::spec::{Flag, FlagSet, Group, Spec};

/// All categories, in the order in which ACL CAT and COMMAND INFO list them.
pub const CATEGORIES: [&str; 22] = [
    "keyspace",
    "read",
    "write",
    "set",
    "sortedset",
    "list",
    "hash",
    "string",
    "bitmap",
    "hyperloglog",
    "geo",
    "stream",
    "array",
    "pubsub",
    "admin",
    "fast",
    "slow",
    "blocking",
    "dangerous",
    "connection",
    "transaction",
    "scripting",
];

/// The categories of a command, in the order of [`CATEGORIES`]. A container of subcommands has none of its family's,
/// because it is never run itself.
pub fn categories(spec: &Spec, is_container: bool) -> impl Iterator<Item = &'static str> {
    let flags = FlagSet::of(spec.flags);
    let family = spec.group.acl_category().filter(|_| !is_container);
    let declared = |name: &str| spec.acl.contains(&name);
    let excluded = |name: &str| spec.acl.iter().any(|other| other.strip_prefix('-') == Some(name));
    CATEGORIES.into_iter().filter(move |name| {
        let follows = family == Some(name) || follows_from_flags(name, flags, spec.group);
        (follows && !excluded(name)) || declared(name)
    })
}

fn follows_from_flags(category: &str, flags: FlagSet, group: Group) -> bool {
    match category {
        "read" => flags.has(Flag::Readonly) && group != Group::Scripting,
        "write" => flags.has(Flag::Write),
        "pubsub" => flags.has(Flag::PubSub),
        "admin" => flags.has(Flag::Admin),
        "fast" => flags.has(Flag::Fast),
        "slow" => !flags.has(Flag::Fast),
        "blocking" => flags.has(Flag::Blocking),
        "dangerous" => flags.has(Flag::Admin) || flags.has(Flag::Dangerous),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: &Spec, is_container: bool) -> Vec<&'static str> {
        categories(spec, is_container).collect()
    }

    #[test]
    fn from_family_and_flags() {
        let spec = Spec { group: Group::List, flags: &[Flag::Write, Flag::Blocking], ..Spec::DEFAULT };
        assert_eq!(of(&spec, false), ["write", "list", "slow", "blocking"]);
        assert_eq!(of(&spec, true), ["write", "slow", "blocking"]);
    }

    #[test]
    fn declared_and_excluded() {
        let spec = Spec { acl: &["connection", "-keyspace"], flags: &[Flag::Fast], ..Spec::DEFAULT };
        assert_eq!(of(&spec, false), ["fast", "connection"]);
    }
}
