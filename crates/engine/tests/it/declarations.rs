//! What each declaration must hold: texts, a syntax line that parses, an arity and key specifications that agree with it.

use command::syntax::{self, Argument, Kind};
use command::{Begin, Find, Flag, FlagSet, Footprint, KeyFlag};
use redstart_engine::{Registered, Registry};

fn registry() -> Registry {
    redstart_engine::registry()
}

fn arguments(command: &Registered) -> Vec<Argument<'static>> {
    let parsed = syntax::parse(&command.full_name, command.spec.syntax, command.spec.keys.len());
    parsed.unwrap_or_else(|error| panic!("{}: {error}", command.full_name))
}

#[test]
fn texts_are_there() {
    for command in registry().all() {
        let (name, spec) = (&command.full_name, command.spec);
        assert!(spec.summary.ends_with('.'), "{name}: a summary is a sentence");
        assert!(!spec.complexity.is_empty(), "{name}: complexity");
        let (source, version) = spec.since.rsplit_once(' ').unwrap_or(("redis", spec.since));
        assert!(["redis", "valkey", "redstart"].contains(&source), "{name}: since {}", spec.since);
        let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
        assert!(numbers.len() == 3 && numbers.iter().all(Result::is_ok), "{name}: since {}", spec.since);
    }
}

#[test]
fn names_are_unique_and_lower_case() {
    let mut seen = std::collections::HashSet::new();
    for command in registry().all() {
        let name = &command.full_name;
        assert!(seen.insert(name.clone()), "{name} is declared twice");
        assert_eq!(*name, name.to_ascii_lowercase());
    }
}

/// The fewest words that the arguments take, and whether there may be more.
fn words(arguments: &[Argument<'_>]) -> (usize, bool) {
    arguments.iter().map(words_of).fold((0, false), |(least, open), (more, too)| (least + more, open | too))
}

fn words_of(argument: &Argument<'_>) -> (usize, bool) {
    if argument.optional { (0, true) } else { words_if_given(argument) }
}

fn words_if_given(argument: &Argument<'_>) -> (usize, bool) {
    let token = usize::from(argument.token.is_some_and(|_| argument.kind != Kind::PureToken));
    let (least, open) = match &argument.kind {
        Kind::OneOf(choices) => {
            // A choice that is marked as optional is still one that must be made.
            let each: Vec<_> = choices.iter().map(words_if_given).collect();
            let least = each.iter().map(|(least, _)| *least).min().unwrap_or(0);
            (least, each.iter().any(|(words, open)| *open || *words != least))
        }
        Kind::Block(parts) => words(parts),
        _ => (1, false),
    };
    (token + least, open | argument.multiple)
}

/// Commands whose arity Redis declares otherwise than the syntax line has it, each with its reason.
const OTHER_ARITY: [(&str, &str); 5] = [
    ("geosearch", "the center may be left out where the area is a polygon, which takes more words"),
    ("geosearchstore", "likewise"),
    ("hotkeys|start", "the handler says which parameter is missing"),
    ("ping", "the handler refuses more than one argument"),
    ("quit", "ignores whatever follows"),
];

#[test]
fn arity_agrees_with_syntax() {
    let mut wrong = Vec::new();
    for command in registry().all() {
        let name = command.full_name.as_str();
        if !command.subcommands.is_empty() || OTHER_ARITY.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let (least, open) = words(&arguments(command));
        let least = (command.words + least) as i16;
        let arity = command.spec.arity;
        let fits = if open { arity < 0 && -arity <= least } else { arity.abs() == least };
        if !fits {
            wrong.push(format!(
                "{name} has arity {arity}, but takes {least} words{}",
                if open { " or more" } else { "" }
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where a key argument stands if everything in front of it is fixed, and which specification it names.
fn fixed_keys(command: &Registered) -> Vec<(usize, usize)> {
    let (mut at, mut found) = (command.words, Vec::new());
    for argument in arguments(command) {
        if let Kind::Key { spec_index } = argument.kind
            && argument.token.is_none()
        {
            found.push((spec_index, at));
        }
        let (least, open) = words_of(&argument);
        if open {
            break;
        }
        at += least;
    }
    found
}

#[test]
fn key_specifications_agree_with_syntax() {
    for command in registry().all() {
        for (spec_index, at) in fixed_keys(command) {
            let spec = &command.spec.keys[spec_index];
            let Begin::Index(begin) = spec.begin else { continue };
            let first = match spec.find {
                Find::KeyNum { first, .. } => begin + first,
                Find::Range { .. } | Find::Unknown => begin,
            };
            assert!(first <= at, "{}: key {at} lies in front of its specification", command.full_name);
        }
        let keys = arguments(command).iter().any(has_key);
        let declared = command.spec.keys.iter().any(|spec| !spec.flags.contains(&KeyFlag::NotKey));
        assert!(keys || !declared, "{}: keys declared, but none in the syntax line", command.full_name);
    }
}

fn has_key(argument: &Argument<'_>) -> bool {
    matches!(argument.kind, Kind::Key { .. }) || argument.kind.children().iter().any(has_key)
}

#[test]
fn flags_agree_with_each_other() {
    for command in registry().all() {
        let (name, flags) = (&command.full_name, FlagSet::of(command.spec.flags));
        assert!(!flags.has(Flag::Write) || !flags.has(Flag::Readonly), "{name} writes or reads");
        let movable = command
            .spec
            .keys
            .iter()
            .any(|spec| !matches!((spec.begin, spec.find), (Begin::Index(_), Find::Range { .. })));
        assert_eq!(flags.has(Flag::MovableKeys), movable, "{name}: movablekeys");
        let varies = command.spec.keys.iter().any(|spec| spec.flags.contains(&KeyFlag::VariableFlags));
        assert_eq!(command.spec.key_use.is_some(), varies, "{name}: variable_flags");
        if command.spec.footprint == Footprint::Nothing {
            let is_key = |spec: &command::KeySpec| !spec.flags.contains(&KeyFlag::NotKey);
            assert!(!command.spec.keys.iter().any(is_key), "{name}: keys, but no shard");
        }
    }
}
