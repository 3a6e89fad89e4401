//! House rules that no compiler knows, checked for every source file of the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Longer files tell more than one story.
const MAX_FILE_LINES: usize = 700;
/// Longer functions can't be seen at once.
const MAX_FUNCTION_LINES: usize = 80;

/// What must not be committed, in two parts so that this file doesn't hold it.
const FORBIDDEN: [(&str, &str); 6] =
    [("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("unimpl", "emented!"), ("to", "do!("), ("#[ign", "ore")];
/// Where paths of one machine begin.
const HOMES: [&str; 3] = ["root", "work", "home"];

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }

    /// `path:line: what`
    fn finding(&self, line: usize, what: &str) -> String {
        format!("{}:{}: {what}", self.path.display(), line + 1)
    }
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files that people write, with paths relative to the repository.
fn sources() -> Vec<Source> {
    let root = root();
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in [".ci", "benches", "crates", "docs", "fuzz/fuzz_targets", "tests/scripts", "tools"] {
        collect(&root.join(folder), &mut paths);
    }
    let files = fs::read_dir(&root).expect("the repository is there").flatten().map(|entry| entry.path());
    // A worktree's `.git` is a file that holds a path.
    paths.extend(files.filter(|path| path.is_file() && !path.ends_with(".git")));
    paths.sort_unstable();
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        Some(Source { path: path.strip_prefix(&root).expect("below it").to_owned(), text })
    };
    paths.into_iter().filter_map(source).collect()
}

/// The files below a folder; none where it doesn't exist.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

fn assert_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn the_walk_finds_the_sources() {
    let rust_files = sources().iter().filter(|source| source.is_rust()).count();
    assert!(rust_files > 100, "{rust_files}");
}

#[test]
fn files_are_short() {
    let long = |source: &Source| source.is_rust() && source.text.lines().count() > MAX_FILE_LINES;
    let findings: Vec<_> = sources().iter().filter(|s| long(s)).map(|s| s.finding(0, "too long")).collect();
    assert_none("a file has at most 700 lines", &findings);
}

#[test]
fn files_say_what_they_own() {
    let silent = |source: &Source| source.is_rust() && !source.text.starts_with("//! ");
    let findings: Vec<_> = sources().iter().filter(|s| silent(s)).map(|s| s.finding(0, "no `//!`")).collect();
    assert_none("a file opens with a line of documentation", &findings);
}

#[test]
fn nothing_is_left_for_later() {
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            let found = FORBIDDEN.iter().any(|(a, b)| has_word(line, &format!("{a}{b}")));
            if found || HOMES.iter().any(|home| names_path_below(line, home)) {
                findings.push(source.finding(number, line.trim()));
            }
        }
    }
    assert_none("no marks for later, no tests that don't run, no paths of one machine", &findings);
}

/// Whether a line has a mark that is no part of a longer word.
fn has_word(line: &str, mark: &str) -> bool {
    let is_word = |at: usize| {
        let (before, after) = (&line[..at], &line[at + mark.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    };
    line.match_indices(mark).any(|(at, _)| is_word(at))
}

/// Whether a line names an absolute path that begins with the folder `home`.
fn names_path_below(line: &str, home: &str) -> bool {
    let is_path =
        |at: usize| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "}_.*".contains(before));
    line.match_indices(&format!("/{home}/")).any(|(at, _)| is_path(at))
}

#[test]
fn functions_are_short() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust()) {
        let lines: Vec<&str> = source.text.lines().collect();
        let starts = (0..lines.len()).filter(|at| begins_function(lines[*at]));
        let long = starts.filter(|at| function_lines(&lines[*at..]) > MAX_FUNCTION_LINES);
        findings.extend(long.map(|at| source.finding(at, lines[at].trim())));
    }
    assert_none("a function has at most 80 lines", &findings);
}

fn begins_function(line: &str) -> bool {
    let mut rest = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest.starts_with("fn ")
}

/// The lines of the function that begins with the first line. rustfmt has put its closing brace below its first letter.
fn function_lines(lines: &[&str]) -> usize {
    let indent = lines[0].len() - lines[0].trim_start().len();
    let ends = |line: &&str| {
        let (margin, rest) = line.split_at_checked(indent).unwrap_or((line, ""));
        margin.trim().is_empty() && (rest == "}" || rest.starts_with(')') && rest.ends_with(';'))
    };
    if lines[0].ends_with('}') || lines[0].ends_with(';') {
        return 1;
    }
    1 + lines[1..].iter().position(ends).map_or(0, |at| at + 1)
}

/// The layer of each crate, as the workspace's manifest says it.
fn layers() -> BTreeMap<String, u32> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let (mut layers, mut layer) = (BTreeMap::new(), None);
    for line in manifest.lines() {
        if let Some(number) = line.strip_prefix("# layer ") {
            layer = Some(number.parse().expect("a number"));
        } else if let (Some(layer), Some((name, _))) = (layer, line.split_once(" = { path = \"crates/")) {
            layers.insert(name.to_owned(), layer);
        }
    }
    assert!(layers.len() > 5, "{layers:?}");
    layers
}

#[test]
fn imports_go_down() {
    let (layers, mut findings) = (layers(), Vec::new());
    for (name, layer) in &layers {
        let path = root().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).expect("a crate has a manifest");
        let dependencies = manifest.split("\n[").find_map(|part| part.strip_prefix("dependencies]\n"));
        let names = dependencies.unwrap_or_default().lines().filter_map(|line| line.split('.').next());
        let wrong = names.filter(|other| layers.get(*other).is_some_and(|other| other >= layer));
        findings.extend(wrong.map(|other| format!("{name} depends on {other}")));
    }
    assert_none("a crate depends on crates of lower layers", &findings);
}

/// The layer of the host, the first that may do what [`SYSTEM`] names.
const HOST: u32 = 7;
/// Signs of I/O, of threads and of clocks.
const SYSTEM: [&str; 14] = [
    "std::fs",
    "std::env::",
    "std::process",
    "std::thread",
    "std::os::",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "SystemTime",
    "Instant::now",
    "println!",
    "rustix::",
    "libc::",
];

#[test]
fn nothing_below_the_host_does_io() {
    let (layers, mut findings) = (layers(), Vec::new());
    let below: Vec<PathBuf> =
        layers.iter().filter(|(_, layer)| **layer < HOST).map(|(name, _)| source_of(name)).collect();
    for source in sources().iter().filter(|source| below.iter().any(|folder| source.path.starts_with(folder)))
    {
        let code = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            if SYSTEM.iter().any(|sign| line.contains(sign)) {
                findings.push(source.finding(number, line.trim()));
            }
        }
    }
    assert_none("only the host sees files, sockets, threads and clocks", &findings);
}

fn source_of(name: &str) -> PathBuf {
    Path::new("crates").join(name).join("src")
}

/// Where code may be that the compiler can't check.
const UNCHECKED: [&str; 7] = [
    "crates/structs/src/bits.rs",
    "crates/structs/src/blob.rs",
    "crates/structs/src/table.rs",
    "crates/structs/tests/sharing/counter.rs",
    "crates/keyspace/src",
    "crates/host/src",
    "crates/redstart/src/allocator.rs",
];

#[test]
fn unsafe_code_stays_where_it_is() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust()) {
        if UNCHECKED.iter().any(|place| source.path.starts_with(place)) {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if ["{", "impl", "fn"].iter().any(|what| code.contains(&format!("{} {what}", "unsafe"))) {
                findings.push(source.finding(number, line.trim()));
            }
        }
    }
    assert_none("unsafe code belongs to containers, the keyspace and the edge", &findings);
}

fn documents() -> Vec<Source> {
    sources().into_iter().filter(|s| s.path.extension().is_some_and(|extension| extension == "md")).collect()
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut findings = Vec::new();
    for source in documents() {
        let folder = root().join(source.path.parent().expect("a file is in a folder"));
        for (number, line) in source.text.lines().enumerate() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            let local = targets.filter(|target| !target.is_empty() && !target.contains("://"));
            findings.extend(
                local.filter(|target| !folder.join(target).exists()).map(|t| source.finding(number, t)),
            );
        }
    }
    assert_none("a link names a file", &findings);
}

#[test]
fn files_that_documents_name_exist() {
    let root = root();
    let crates: Vec<PathBuf> = fs::read_dir(root.join("crates"))
        .expect("there are crates")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let exists = |name: &str| {
        let places = [root.clone(), root.join("crates")];
        let sources = crates.iter().map(|path| path.join("src"));
        places.into_iter().chain(sources).any(|place| place.join(name).exists())
    };
    let mut findings = Vec::new();
    for source in documents() {
        for (number, line) in source.text.lines().enumerate() {
            let quoted =
                line.split('`').skip(1).step_by(2).filter(|text| text.ends_with(".rs") && text.contains('/'));
            findings.extend(
                quoted.filter(|name| !name.contains('*') && !exists(name)).map(|n| source.finding(number, n)),
            );
        }
    }
    assert_none("a document names files that exist", &findings);
}

#[test]
fn every_foreign_crate_has_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page is there");
    let dependencies = manifest.split("\n[").find_map(|part| part.strip_prefix("workspace.dependencies]\n"));
    let lines = dependencies.expect("there are some").lines().filter(|line| !line.contains("path = "));
    let names = lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let missing: Vec<_> = names
        .filter(|name| !page.contains(&format!("| {name}")) && !page.contains(&format!(", {name} |")))
        .map(str::to_owned)
        .collect();
    assert_none("ARCHITECTURE.md says why a crate is there", &missing);
    assert!(page.lines().count() <= 400, "ARCHITECTURE.md is to be read at once");
}
