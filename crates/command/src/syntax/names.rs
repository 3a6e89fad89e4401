//! The conventions: what a name says about the type of a value, and what its alternatives say about the name of a choice.

use super::Kind;

/// How a value named `name` is typed when the line does not say. Keys get their specification from the parser.
pub(super) fn value_kind(name: &str) -> Kind<'static> {
    match name {
        "key" | "key1" | "key2" | "newkey" | "source" | "destination" | "sourcekey" | "destkey" => {
            Kind::Key { spec_index: 0 }
        }
        "pattern" => Kind::Pattern { spec_index: None },
        "timeout" | "score" | "longitude" | "latitude" | "radius" | "width" | "height" => Kind::Double,
        _ if name.starts_with("unix-time-") => Kind::UnixTime,
        _ if is_integer(name) => Kind::Integer,
        _ => Kind::String,
    }
}

/// Whether values of this name are whole numbers.
fn is_integer(name: &str) -> bool {
    matches!(
        name,
        "bit"
            | "bits"
            | "client-id"
            | "cluster-bus-port"
            | "config-epoch"
            | "count"
            | "cursor"
            | "db"
            | "decrement"
            | "destination-db"
            | "end"
            | "end-slot"
            | "entries-added"
            | "entries-read"
            | "exactly"
            | "frequency"
            | "idle"
            | "idmp-duration"
            | "idmp-maxsize"
            | "increment"
            | "index"
            | "index1"
            | "index2"
            | "k"
            | "len"
            | "limit"
            | "maxage"
            | "milliseconds"
            | "min-idle-time"
            | "min-match-len"
            | "ms"
            | "not-client-id"
            | "not-db"
            | "num-matches"
            | "num-vertices"
            | "numfields"
            | "numids"
            | "numkeys"
            | "numlocal"
            | "numreplicas"
            | "offset"
            | "port"
            | "protover"
            | "rank"
            | "ratio"
            | "seconds"
            | "slot"
            | "start"
            | "start-slot"
            | "stop"
            | "ttl"
            | "version"
            | "weight"
    )
}

/// The type a suffix asks for, if it is the name of a type.
pub(super) fn type_word(word: &str) -> Option<Kind<'static>> {
    Some(match word {
        "key" => Kind::Key { spec_index: 0 },
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "double" => Kind::Double,
        "pattern" => Kind::Pattern { spec_index: None },
        "unix-time" => Kind::UnixTime,
        _ => return None,
    })
}

/// The name of a token that is a symbol.
pub(super) fn symbol(token: &str) -> Option<&'static str> {
    Some(match token {
        "*" => "auto-id",
        "$" => "new-id",
        "=" => "equal",
        "~" => "approximately",
        "" => "empty-string",
        _ => return None,
    })
}

/// The name of a choice whose first alternative is the token `first`, for choices that many commands share.
pub(super) fn choice(first: &str) -> Option<&'static str> {
    Some(match first {
        "NX" | "FNX" | "KEEPREF" | "IFEQ" => "condition",
        "GT" => "comparison",
        "EX" => "expiration",
        "ASC" => "order",
        "ASYNC" => "flush-type",
        "M" | "BYTE" => "unit",
        "MAXLEN" => "strategy",
        "=" => "operator",
        "*" => "id-selector",
        "LEFT" | "MIN" | "BEFORE" => "where",
        "BYSCORE" => "sortby",
        "FROMMEMBER" => "from",
        _ => return None,
    })
}

/// The name of an unnamed group that repeats.
pub(super) const REPEATED_GROUP: &str = "data";
