//! The page for users about all directives, made from the table.

use std::fmt::Write as _;

use crate::directive::{Change, Directive, Status};
use crate::table::{Config, DIRECTIVES};

const INTRODUCTION: &str = "\
# Configuration

Redstart reads the configuration files and the command line of Redis:

    redstart [FILE] [-] [--directive value ...]

A dash reads more lines from the standard input. Options are read after the file, as if they stood at its end.
`CONFIG GET`, `CONFIG SET` and `CONFIG REWRITE` work as in Redis.

Every directive of Redis 8 and Valkey 9 is known. The column *status* tells which of them do something:

- **acts**: the setting does what it says.
- **not yet**: the setting is read, checked, shown and kept, but it belongs to a part that doesn't exist yet. The
  server warns at its start about every such setting that differs from its default, unless it turns something off, and
  `CONFIG SET` refuses to turn on `activedefrag` and TLS.
- **compatibility**: the setting is read, checked, shown and kept so that files and tools of Redis work, and will
  never do anything, for the reason given.

The column *change* tells when a setting can be changed: **live** by `CONFIG SET`; **protected** by `CONFIG SET` if
`enable-protected-configs` allows it; **at start** in the file or on the command line; **in files** the same, and
`CONFIG GET` doesn't show it. Amounts of memory may have a unit: `1k` is 1000 bytes, `1kb` 1024, likewise `m`, `mb`,
`g`, `gb`.
";

/// The whole page, in Markdown.
pub fn configuration_page() -> String {
    let mut page = String::from(INTRODUCTION);
    let count = |wanted: fn(Status) -> bool| DIRECTIVES.iter().filter(|one| wanted(one.status)).count();
    let acting = count(|status| status == Status::Acts);
    let waiting = count(|status| matches!(status, Status::NotYet(_)));
    let total = DIRECTIVES.len();
    // Writing to a String cannot fail.
    let _ = writeln!(
        page,
        "\nOf {total} directives {acting} act, {waiting} don't yet, and {} are for compatibility only.\n",
        total - acting - waiting
    );
    page.push_str("| directive | meaning | values | default | change | status |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    let mut sorted: Vec<_> = DIRECTIVES.iter().collect();
    sorted.sort_unstable_by_key(|directive| directive.name);
    for directive in sorted {
        page.push_str(&row(directive));
    }
    page
}

fn row(directive: &Directive) -> String {
    let names: Vec<_> = directive.names().map(|name| format!("`{name}`")).collect();
    let cells = [
        directive.summary.into(),
        (directive.allowed)(),
        default(directive),
        change(directive),
        status(directive),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} | {} |\n", names.join(", "), cells.join(" | "))
}

/// The default as a file says it.
fn default(directive: &Directive) -> String {
    let config = Config::default();
    let mut texts = (directive.lines)(&config).unwrap_or_default();
    if texts.is_empty() {
        texts.push((directive.show)(&config));
    }
    let texts = texts
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| format!("`{}`", String::from_utf8_lossy(text)));
    texts.collect::<Vec<_>>().join(", ")
}

fn change(directive: &Directive) -> String {
    let when = match directive.access.change {
        Change::Live => "live",
        Change::Protected => "protected",
        Change::AtStart => "at start",
        Change::FileOnly => "in files",
    };
    let hidden = if directive.access.hidden { ", hidden" } else { "" };
    format!("{when}{hidden}")
}

fn status(directive: &Directive) -> String {
    match directive.status {
        Status::Acts => "acts".into(),
        Status::NotYet(feature) => format!("not yet: {feature}"),
        Status::CompatibilityOnly(reason) => format!("compatibility: {reason}"),
    }
}
