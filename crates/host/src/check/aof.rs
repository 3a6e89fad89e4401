//! `check-aof [--fix] [--truncate-to-timestamp SECOND] FILE`: one log, or all that a manifest lists.

use super::rdb::BLOCK_BYTES;
use crate::disk::DiskFile;
use crate::files::path_of;
use journal::aof::{FileKind, Found, Manifest, Mark, Walk};
use rdb::Check;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str =
    "Usage: redstart check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>";

/// What is to be done about a file that isn't whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repair {
    /// Nothing.
    None,
    /// Cut off what isn't whole.
    Fix,
    /// Cut off what was written after this second.
    Until(i64),
}

/// Ends the check; the text says why.
type Stop = String;

pub(super) fn run(arguments: &[Vec<u8>]) -> ExitCode {
    let words: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
    let (repair, name) = match words[..] {
        [name] => (Repair::None, name),
        [b"--fix", name] => (Repair::Fix, name),
        [b"--truncate-to-timestamp", second, name] => match base::num::parse_i64(second) {
            Some(second) => (Repair::Until(second), name),
            None => return stop("Invalid timestamp, aborting..."),
        },
        _ => return stop(USAGE),
    };
    match check(path_of(name), repair) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => stop(&why),
    }
}

fn stop(why: &str) -> ExitCode {
    println!("{why}");
    ExitCode::FAILURE
}

fn check(path: &Path, repair: Repair) -> Result<(), Stop> {
    let cannot = |error: io::Error| {
        format!("Cannot open file {}: {}, aborting...", path.display(), crate::reason(&error))
    };
    if path.extension().is_some_and(|extension| extension == "manifest") {
        let text = std::fs::read(path).map_err(cannot)?;
        let manifest = Manifest::parse(&text).map_err(|error| error.fault.to_string())?;
        return check_all(path, &manifest, repair);
    }
    println!("Start checking Old-Style AOF");
    check_one(&Part { path: path.to_owned(), last: true, kind: "AOF" }, repair)
}

/// One file of several.
struct Part {
    path: PathBuf,
    /// Nothing follows it: only it may be cut off.
    last: bool,
    /// How reports call it.
    kind: &'static str,
}

fn check_all(manifest_path: &Path, manifest: &Manifest, repair: Repair) -> Result<(), Stop> {
    println!("Start checking Multi Part AOF");
    let folder = manifest_path.parent().unwrap_or(Path::new(""));
    let files: Vec<_> = manifest.to_load().collect();
    let mut incremental_announced = false;
    for (at, file) in files.iter().enumerate() {
        let base = file.kind == FileKind::Base;
        let path = folder.join(path_of(&file.name));
        if base {
            let format = if starts_with_snapshot(&path) { "RDB" } else { "RESP" };
            println!("Start to check BASE AOF ({format} format).");
        } else if !std::mem::replace(&mut incremental_announced, true) {
            println!("Start to check INCR files.");
        }
        let kind = if base { "BASE AOF" } else { "INCR AOF" };
        check_one(&Part { path, last: at + 1 == files.len(), kind }, repair)?;
    }
    println!("All AOF files and manifest are valid");
    Ok(())
}

fn starts_with_snapshot(path: &Path) -> bool {
    let mut first = [0; 6];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && (first.starts_with(b"REDIS") || first == *b"VALKEY")
}

/// How far a log is whole.
struct Extent {
    size: u64,
    whole: Mark,
    damage: Option<String>,
    /// Where the first annotation of a later second stands.
    later_at: Option<u64>,
}

fn check_one(part: &Part, repair: Repair) -> Result<(), Stop> {
    let (kind, path) = (part.kind, part.path.display());
    let extent =
        examine(&part.path, repair).map_err(|error| format!("{kind} {path}: {error}, aborting..."))?;
    if let Some(damage) = &extent.damage {
        println!("{damage}");
    }
    let (size, ok) = (extent.size, extent.whole.offset);
    println!(
        "AOF analyzed: filename={path}, size={size}, ok_up_to={ok}, ok_up_to_line={}, diff={}",
        // The line that isn't good any more, as redis-check-aof has it.
        extent.whole.lines + 1,
        size - ok
    );
    match repair {
        Repair::Until(second) => truncate_to_second(part, &extent, second),
        _ if ok == size => {
            println!("{kind} {path} is valid");
            Ok(())
        }
        Repair::None => Err(format!("{kind} {path} is not valid. Use the --fix option to try fixing it.")),
        Repair::Fix if !part.last => {
            Err(format!("Failed to truncate AOF {path} because it is not the last file"))
        }
        Repair::Fix => fix(part, &extent),
    }
}

fn truncate_to_second(part: &Part, extent: &Extent, second: i64) -> Result<(), Stop> {
    let path = part.path.display();
    let Some(at) = extent.later_at else {
        println!("Truncate nothing in AOF {path} to timestamp {second}");
        return Ok(());
    };
    if !part.last {
        return Err(format!(
            "Failed to truncate AOF {path} to timestamp {second} to offset {at} because it is not the last file.\n\
                            If you insist, please delete all files after this file according to the manifest file and delete \
                            the corresponding records in manifest file manually. Then re-run redis-check-aof."
        ));
    }
    if at == 0 {
        return Err(format!("AOF {path} has nothing before timestamp {second}, aborting..."));
    }
    cut(&part.path, at)?;
    println!("Successfully truncated AOF {path} to timestamp {second}");
    Ok(())
}

fn fix(part: &Part, extent: &Extent) -> Result<(), Stop> {
    let (path, size, ok) = (part.path.display(), extent.size, extent.whole.offset);
    println!("This will shrink the AOF {path} from {size} bytes, with {} bytes, to {ok} bytes", size - ok);
    print!("Continue? [y/N]: ");
    // Nobody answers what can't be shown.
    let _ = io::stdout().flush();
    let mut answer = String::new();
    let answered = io::stdin().read_line(&mut answer);
    if answered.is_err() || !answer.trim_start().starts_with(['y', 'Y']) {
        return Err("Aborting...".to_owned());
    }
    cut(&part.path, ok)?;
    println!("Successfully truncated AOF {path}");
    Ok(())
}

fn cut(path: &Path, len: u64) -> Result<(), Stop> {
    let file = File::options().write(true).open(path);
    let cut = file.and_then(|file| file.set_len(len).and_then(|()| file.sync_all()));
    cut.map_err(|error| format!("Failed to truncate AOF {}: {}", path.display(), crate::reason(&error)))
}

/// Reads a log, behind the snapshot that it may begin with.
fn examine(path: &Path, repair: Repair) -> Result<Extent, Stop> {
    let failed = |error: io::Error| crate::reason(&error);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let torn = torn_batch(path).map_err(failed)?;
    let start = if starts_with_snapshot(path) { pass_snapshot(path, &mut file)? } else { 0 };
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let (mut walk, mut input) = (Walk::new(), Vec::new());
    let (mut damage, mut later_at) = (None, None);
    loop {
        let mut at = 0;
        let ended = loop {
            match walk.next(&input[at..]) {
                Ok(Found::More) => break false,
                Ok(Found::Command(len) | Found::Annotation(len)) => at += len,
                Err(fault) => {
                    damage = Some(format!("0x{:16x}: {}", start + fault.at, fault.damage));
                    break true;
                }
            }
            if let (Repair::Until(until), Some(second)) = (repair, walk.second())
                && second > until
            {
                later_at = Some(start + walk.second_at());
                break true;
            }
        };
        input.drain(..at);
        if ended
            || Read::by_ref(&mut file).take(BLOCK_BYTES as u64).read_to_end(&mut input).map_err(failed)? == 0
        {
            break;
        }
    }
    let mut whole = Mark { offset: start + walk.whole().offset, ..walk.whole() };
    if let Some((at, bytes)) = torn.filter(|_| later_at.is_none()) {
        // What was read of it may look whole, and isn't.
        whole.offset = whole.offset.min(at);
        damage = Some(format!(
            "0x{at:16x}: {bytes} bytes of a batch that was cut off, and that nobody was told of"
        ));
    }
    if damage.is_none() && walk.in_transaction() {
        damage = Some("Reached EOF before reading EXEC for MULTI".to_owned());
    } else if damage.is_none() && !input.is_empty() {
        damage = Some(format!("0x{:16x}: Unexpected end of file", start + walk.offset()));
    }
    Ok(Extent { size, whole, damage, later_at })
}

/// Where a batch begins that a crash has cut off in front of unused space, and its bytes.
fn torn_batch(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let extent = journal::aof::Extent::of(&DiskFile(File::open(path)?))?;
    Ok((extent.torn > 0).then_some((extent.end, extent.torn)))
}

/// Answers where the snapshot at the beginning of a file ends.
fn pass_snapshot(path: &Path, file: &mut File) -> Result<u64, Stop> {
    println!("The AOF appears to start with an RDB preamble.\nChecking the RDB preamble to start:");
    let (mut check, mut input, mut end) = (Check::new(&path.to_string_lossy(), 0), Vec::new(), 0);
    loop {
        let taken = check.feed(&input);
        end += taken as u64;
        input.drain(..taken);
        let ended = check.has_ended();
        let read = if ended {
            0
        } else {
            let missing = check.wanted().saturating_sub(input.len()).max(BLOCK_BYTES);
            Read::by_ref(file)
                .take(missing as u64)
                .read_to_end(&mut input)
                .map_err(|error| crate::reason(&error))?
        };
        if read == 0 {
            let report = check.finish(if ended { &[] } else { &input });
            print!("{}", report.text);
            if !report.is_sound {
                return Err("RDB preamble of AOF file is not sane".to_owned());
            }
            println!("RDB preamble is OK, proceeding with AOF tail...");
            return Ok(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this text, in a folder of its own.
    fn file(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("check-aof-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("appendonly.aof");
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn look(name: &str, text: &str, repair: Repair) -> Extent {
        let path = file(name, text);
        let extent = examine(&path, repair).expect("readable");
        std::fs::remove_dir_all(path.parent().expect("made above")).expect("ours");
        extent
    }

    const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";

    #[test]
    fn a_whole_file_is_whole() {
        let extent = look("whole", &SET.repeat(3), Repair::None);
        assert_eq!((extent.whole.offset, extent.size), (81, 81));
        assert!(extent.damage.is_none());
    }

    #[test]
    fn a_cut_off_command_or_transaction_is_not() {
        let multi = "*1\r\n$5\r\nMULTI\r\n";
        for (name, tail) in [("command", "*3\r\n$3\r\nSE"), ("transaction", &[multi, SET].concat())] {
            let extent = look(name, &[SET, tail].concat(), Repair::None);
            assert_eq!(extent.whole, Mark { offset: 27, lines: 7 }, "{name}");
            assert!(extent.damage.is_some(), "{name}");
        }
    }

    #[test]
    fn what_is_broken_is_named() {
        let extent = look("broken", &[SET, "*3\r\n$3\r\nSET\r\n#"].concat(), Repair::None);
        assert_eq!(extent.whole.offset, 27);
        assert!(extent.damage.expect("broken").contains("Expected"));
    }

    #[test]
    fn a_batch_that_was_cut_off_is_left_out() {
        let begun = "#CRC64:0000000000000000 0\r\n";
        let text = format!("{SET}{begun}*3\r\n$3\r\nSE{}\n", "#".repeat(2000));
        let extent = look("torn", &text, Repair::None);
        assert_eq!(extent.whole.offset, (SET.len() + begun.len()) as u64);
        assert!(extent.damage.expect("torn").contains("10 bytes of a batch"));
        let extent = look("aside", &format!("{SET}{begun}{}\n", "#".repeat(2000)), Repair::None);
        assert!(extent.damage.is_none() && extent.whole.offset == extent.size);
    }

    #[test]
    fn a_second_is_found() {
        let text = format!("#TS:100\r\n{SET}#TS:200\r\n{SET}");
        let at = |second| look(&format!("second-{second}"), &text, Repair::Until(second)).later_at;
        assert_eq!((at(99), at(100), at(200)), (Some(0), Some(36), None));
    }

    #[test]
    fn fixing_cuts_off() {
        let path = file("fix", &[SET, "*3"].concat());
        cut(&path, 27).expect("writable");
        assert_eq!(std::fs::read(&path).expect("readable"), SET.as_bytes());
        std::fs::remove_dir_all(path.parent().expect("made above")).expect("ours");
    }
}
