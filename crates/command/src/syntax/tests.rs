//! Syntax lines of Redis' own commands and what they mean; lines that are wrong.

use std::fmt::Write;

use proptest::prelude::*;

use super::{Argument, Kind, Problem, parse, usage};

/// A tree on one line: `name`, its token after `=`, its type after `:` (none for a pure token), children in brackets,
/// then `?` for optional, `+` for multiple and `++` for multiple with the token repeated. A display text that is not the
/// name stands in quotes.
fn sketch(arguments: &[Argument<'_>]) -> String {
    let mut text = String::new();
    for argument in arguments {
        if !text.is_empty() {
            text.push(' ');
        }
        sketch_one(argument, &mut text);
    }
    text
}

fn sketch_one(argument: &Argument<'_>, text: &mut String) {
    text.push_str(&argument.name);
    if let Some(shown) = argument.display_text.as_ref().filter(|shown| **shown != argument.name) {
        write!(text, "'{shown}'").unwrap();
    }
    if let Some(token) = argument.token {
        write!(text, "={token}").unwrap();
    }
    match &argument.kind {
        Kind::PureToken => {}
        Kind::Key { spec_index } => write!(text, ":key{spec_index}").unwrap(),
        Kind::Pattern { spec_index: Some(index) } => write!(text, ":pattern{index}").unwrap(),
        Kind::OneOf(children) => write!(text, "<{}>", sketch(children)).unwrap(),
        Kind::Block(children) => write!(text, "{{{}}}", sketch(children)).unwrap(),
        kind => write!(text, ":{}", kind.type_name()).unwrap(),
    }
    text.push_str(if argument.optional { "?" } else { "" });
    text.push_str(match (argument.multiple, argument.multiple_token) {
        (false, _) => "",
        (true, false) => "+",
        (true, true) => "++",
    });
}

/// Name, number of key specifications, line, the line as printed where it differs, and the tree.
const LINES: &[(&str, usize, &str, &str, &str)] = &[
    ("PING", 0, "PING [message]", "", "message:string?"),
    ("append", 1, "APPEND key value", "", "key:key0 value:string"),
    ("DEL", 1, "DEL key [key ...]", "", "key:key0+"),
    ("ACL|CAT", 0, "ACL CAT [category]", "", "category:string?"),
    (
        "SET",
        1,
        "SET key value [NX | XX | IFEQ ifeq-value] [GET] [EX seconds | PXAT unix-time-milliseconds | KEEPTTL]",
        "",
        "key:key0 value:string condition<nx=NX xx=XX ifeq-value=IFEQ:string>? get=GET? \
         expiration<seconds=EX:integer unix-time-milliseconds=PXAT:unix-time keepttl=KEEPTTL>?",
    ),
    ("MSET", 1, "MSET key value [key value ...]", "", "data{key:key0 value:string}+"),
    (
        "LCS",
        1,
        "LCS key1 key2 [LEN] [MINMATCHLEN len]",
        "",
        "key1:key0 key2:key0 len=LEN? len=MINMATCHLEN:integer?",
    ),
    ("COPY", 2, "COPY source destination [DB db]", "", "source:key0 destination:key1 db=DB:integer?"),
    ("CONFIG|GET", 0, "CONFIG GET parameter [parameter ...]", "", "parameter:string+"),
    (
        "SORT",
        3,
        "SORT key [BY pattern:by-pattern] [LIMIT {offset count}] [GET pattern:get-pattern [GET pattern ...]] \
         [ASC | DESC] [ALPHA:sorting] [STORE destination:2]",
        "SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] \
         [STORE destination]",
        "key:key0 by-pattern'pattern'=BY:pattern? limit=LIMIT{offset:integer count:integer}? \
         get-pattern'pattern'=GET:pattern?++ order<asc=ASC desc=DESC>? sorting=ALPHA? \
         destination=STORE:key2?",
    ),
    (
        "XADD",
        1,
        "XADD key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]]:trim <* | id> field value \
         [field value ...]",
        "XADD key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value \
         [field value ...]",
        "key:key0 nomkstream=NOMKSTREAM? trim{strategy<maxlen=MAXLEN minid=MINID> \
         operator<equal== approximately=~>? threshold:string count=LIMIT:integer?}? \
         id-selector<auto-id=* id:string> data{field:string value:string}+",
    ),
    (
        "XREADGROUP",
        1,
        "XREADGROUP GROUP {group consumer}:group-block [COUNT count] STREAMS {key [key ...] id [id ...]}",
        "XREADGROUP GROUP group consumer [COUNT count] STREAMS key [key ...] id [id ...]",
        "group-block=GROUP{group:string consumer:string} count=COUNT:integer? streams=STREAMS{key:key0+ id:string+}",
    ),
    (
        "XINFO STREAM",
        1,
        "XINFO STREAM key [FULL [COUNT count]]:full-block",
        "XINFO STREAM key [FULL [COUNT count]]",
        "key:key0 full-block{full=FULL count=COUNT:integer?}?",
    ),
    (
        "EVAL",
        1,
        "EVAL script numkeys [key [key ...]] [arg [arg ...]]",
        "",
        "script:string numkeys:integer key:key0?+ arg:string?+",
    ),
    (
        "GEOSEARCH",
        1,
        "GEOSEARCH key <FROMMEMBER member | FROMLONLAT {longitude latitude}> <{BYRADIUS radius <M | KM>}:circle | \
         {BYBOX width height <M | KM>}:box>:by",
        "GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM> | BYBOX width \
         height <M | KM>>",
        "key:key0 from<member=FROMMEMBER:string fromlonlat=FROMLONLAT{longitude:double latitude:double}> \
         by<circle{radius=BYRADIUS:double unit<m=M km=KM>} box{width=BYBOX:double height:double unit<m=M km=KM>}>",
    ),
    (
        "MIGRATE",
        2,
        "MIGRATE <key | \"\">:key-selector [AUTH password:auth] [KEYS key:keys [key ...]]",
        "MIGRATE <key | \"\"> [AUTH password] [KEYS key [key ...]]",
        "key-selector<key:key0 empty-string=> auth'password'=AUTH:string? keys'key'=KEYS:key1?+",
    ),
    (
        "BITFIELD",
        1,
        "BITFIELD key [GET {encoding offset}:get-block | {[OVERFLOW <WRAP | SAT>:overflow-block] \
         SET {encoding offset value:integer}:set-block}:write \
         [GET encoding offset | [OVERFLOW <WRAP | SAT>] SET encoding offset value ...]]:operation",
        "BITFIELD key [GET encoding offset | [OVERFLOW <WRAP | SAT>] SET encoding offset value \
         [GET encoding offset | [OVERFLOW <WRAP | SAT>] SET encoding offset value ...]]",
        "key:key0 operation<get-block=GET{encoding:string offset:integer} \
         write{overflow-block=OVERFLOW<wrap=WRAP sat=SAT>? \
         set-block=SET{encoding:string offset:integer value:integer}}>?+",
    ),
    (
        "CLIENT|KILL",
        0,
        "CLIENT KILL <ip:port:old-format | <[ID client-id] | [ADDR ip:port:addr] [[ID client-id] | \
         [ADDR ip:port:addr] ...]>:new-format>:filter",
        "CLIENT KILL <ip:port | <[ID client-id] | [ADDR ip:port] [[ID client-id] | [ADDR ip:port] ...]>>",
        "filter<old-format'ip:port':string new-format<client-id=ID:integer? addr'ip:port'=ADDR:string?>+>",
    ),
    (
        "REPLICAOF",
        0,
        "REPLICAOF <{host port}:host-port | {NO ONE}:no-one>:args",
        "REPLICAOF <host port | NO ONE>",
        "args<host-port{host:string port:integer} no-one{no=NO one=ONE}>",
    ),
    (
        "MODULE|LOADEX",
        0,
        "MODULE LOADEX path [CONFIG {name value}:configs [CONFIG name value ...]] [ARGS args [args ...]]",
        "MODULE LOADEX path [CONFIG name value [CONFIG name value ...]] [ARGS args [args ...]]",
        "path:string configs=CONFIG{name:string value:string}?++ args=ARGS:string?+",
    ),
];

#[test]
fn lines_become_trees_and_help() {
    for (name, key_specs, line, printed, tree) in LINES {
        let arguments = parse(name, line, *key_specs).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(sketch(&arguments), *tree, "{line}");
        assert_eq!(usage(line), if printed.is_empty() { *line } else { *printed });
    }
}

#[test]
fn groups_and_tokens_tell_no_text_but_values_and_pure_tokens_do() {
    let arguments = parse("X", "X AT {count}:place [ON]", 0).unwrap();
    assert_eq!(arguments[0].display_text, None);
    assert_eq!(arguments[0].kind.children()[0].display_text.as_deref(), Some("count"));
    assert_eq!(arguments[1].display_text.as_deref(), Some("on"));
}

#[test]
fn broken_lines_are_refused_where_they_break() {
    for (line, key_specs, at, problem) in [
        ("SET key", 1, 0, Problem::OtherCommand),
        ("GET key", 0, 4, Problem::NoSuchKeySpec),
        ("GET key:1", 1, 4, Problem::NoSuchKeySpec),
        ("GET [key", 1, 4, Problem::UnbalancedBracket),
        ("GET key]", 1, 7, Problem::UnbalancedBracket),
        ("GET <A | B]", 1, 4, Problem::UnbalancedBracket),
        ("GET a | b", 1, 6, Problem::MisplacedBar),
        ("GET <A | >:x", 1, 9, Problem::MisplacedBar),
        ("GET {}:x", 1, 5, Problem::MisplacedBar),
        ("GET <A>", 1, 4, Problem::NoChoice),
        ("GET <A | B>", 1, 4, Problem::UnnamedGroup),
        ("GET [a b]", 1, 4, Problem::UnnamedGroup),
        ("GET <a b | c>:x", 1, 5, Problem::UnnamedGroup),
        ("GET key [field ...]", 1, 8, Problem::NothingToRepeat),
        ("GET [...]", 1, 4, Problem::NothingToRepeat),
        ("GET x [x ...]:y", 1, 12, Problem::BadSuffix),
        ("GET count:3", 1, 9, Problem::BadSuffix),
        ("GET :x", 1, 4, Problem::BadSuffix),
    ] {
        let error = parse("GET", line, key_specs).expect_err(line);
        assert_eq!((error.at, error.problem), (at, problem), "{line}");
    }
}

/// A line in the notation and the sketch of its tree, built side by side.
fn element() -> impl Strategy<Value = (String, String)> {
    let value = "[a-h]{6}".prop_map(|name| (name.clone(), format!("{name}:string")));
    let token = "[A-H]{6}".prop_map(|token| (token.clone(), format!("{}={token}", token.to_lowercase())));
    let announced = ("[A-H]{6}", "[a-h]{6}")
        .prop_map(|(token, name)| (format!("{token} {name}"), format!("{name}={token}:string")));
    let repeated = "[a-h]{6}".prop_map(|name| (format!("{name} [{name} ...]"), format!("{name}:string+")));
    prop_oneof![value, token, announced, repeated].prop_recursive(4, 24, 3, |inner| {
        let several = proptest::collection::vec(inner, 2..4);
        prop_oneof![
            ("[a-h]{6}", several.clone()).prop_map(|(name, parts)| group('<', '>', " | ", &name, &parts)),
            ("[a-h]{6}", several.clone()).prop_map(|(name, parts)| group('{', '}', " ", &name, &parts)),
            ("[a-h]{6}", several).prop_map(|(name, parts)| {
                let (line, tree) = group('[', ']', " | ", &name, &parts);
                (line, format!("{tree}?"))
            }),
        ]
    })
}

fn group(open: char, close: char, between: &str, name: &str, parts: &[(String, String)]) -> (String, String) {
    // A token in front of a value or group would announce it: braces keep it alone.
    let lines: Vec<_> = parts.iter().map(|(line, _)| format!("{{{line}}}")).collect();
    let trees: Vec<_> = parts.iter().map(|(_, tree)| tree.as_str()).collect();
    let (tree_open, tree_close) = if between == " " { ('{', '}') } else { ('<', '>') };
    let line = format!("{open}{}{close}:{name}", lines.join(between));
    (line, format!("{name}{tree_open}{}{tree_close}", trees.join(" ")))
}

proptest! {
    #[test]
    fn any_nesting_is_read_as_written((line, tree) in element()) {
        let line = format!("X {line}");
        prop_assert_eq!(sketch(&parse("X", &line, 1).unwrap()), tree);
        let printed = usage(&line);
        prop_assert_eq!(usage(&printed), printed);
    }

    #[test]
    fn nonsense_is_refused_and_never_panics(line in "[\\[\\]<>{}|:. aB1\"é]{0,40}") {
        let line = format!("X {line}");
        if let Ok(arguments) = parse("X", &line, 1) {
            sketch(&arguments);
        }
        let braces = usage(&line).matches(['{', '}']).count();
        prop_assert_eq!(braces, 0);
    }
}
