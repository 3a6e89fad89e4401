//! `--verify`: what data files hold, without a server and without a change to them.

use super::client::{Client, scratch};
use super::server;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program's status, and what it printed.
fn verify(arguments: &[&str]) -> (i32, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_redstart")).arg("--verify").args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// All files below a directory, with their contents.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
    files
}

fn fill(client: &mut Client) {
    for command in
        ["SET a 1", "SET b 2 EX 1000", "RPUSH l x y", "SADD s m", "SELECT 3", "XADD x 1-1 f v", "SELECT 0"]
    {
        client.ask(command);
    }
}

/// What a report says behind this word.
fn said(report: &str, word: &str) -> String {
    let line = report.lines().find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word} in {report}")).trim().to_owned()
}

#[test]
fn a_snapshot_is_described_and_left_alone() {
    let dir = scratch("verify-snapshot");
    let server = server().data_dir(&dir).set("enable-debug-command", "yes").start().unwrap();
    let mut client = Client::tcp(&server);
    fill(&mut client);
    let digest = client.text("DEBUG DIGEST");
    client.ask("SAVE");
    drop((client, server));
    let before = contents(&dir);
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!(status, 0, "{report}");
    assert_eq!(said(&report, "Digest:"), digest);
    assert_eq!(said(&report, "db0 string:"), "keys=2,expires=1");
    assert_eq!(said(&report, "db0 list:"), "keys=1,expires=0");
    assert_eq!(said(&report, "db3 stream:"), "keys=1,expires=0");
    assert_eq!((said(&report, "Keys:"), said(&report, "Files:")), ("5".to_owned(), "dump.rdb".to_owned()));
    assert_eq!(contents(&dir), before);

    let mut bytes = fs::read(dir.join("dump.rdb")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(dir.join("dump.rdb"), bytes).unwrap();
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!(status, 1, "{report}");
}

#[test]
fn append_only_files_are_described_and_left_alone() {
    let dir = scratch("verify-log");
    let builder = server().data_dir(&dir).set("appendonly", "yes").set("enable-debug-command", "yes");
    let server = builder.start().unwrap();
    let mut client = Client::tcp(&server);
    fill(&mut client);
    let digest = client.text("DEBUG DIGEST");
    drop((client, server));
    let log = dir.join("appendonlydir/appendonly.aof.1.incr.aof");
    let whole = fs::read(&log).unwrap();
    // A command that this server doesn't have, and one that a crash has cut off.
    let tail = b"*2\r\n$12\r\nVECTORTHINGS\r\n$1\r\nk\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n";
    fs::write(&log, [&whole[..], tail].concat()).unwrap();
    let before = contents(&dir);
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!(status, 0, "{report}");
    assert_eq!(said(&report, "Digest:"), digest);
    assert_eq!(said(&report, "Keys:"), "5");
    assert_eq!(said(&report, "Not known, passed over:"), "1 records of VECTORTHINGS");
    assert!(report.contains("would truncate the AOF appendonly.aof.1.incr.aof"), "{report}");
    let (status, _) = verify(&[dir.to_str().unwrap(), "--appendonly", "yes", "--aof-load-truncated", "no"]);
    assert_eq!(status, 1);
    // As configured: there is no snapshot.
    let (status, _) = verify(&[dir.to_str().unwrap(), "--appendonly", "no"]);
    assert_eq!(status, 2);
    assert_eq!(contents(&dir), before);

    fs::write(&log, [&whole[..], b"*x\r\n", &whole[..]].concat()).unwrap();
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!(status, 1, "{report}");
}

#[test]
fn an_old_single_file_stays_where_it_is() {
    let dir = scratch("verify-single");
    fs::write(dir.join("appendonly.aof"), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n").unwrap();
    let before = contents(&dir);
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!(status, 0, "{report}");
    assert_eq!(
        (said(&report, "Keys:"), said(&report, "Files:")),
        ("1".to_owned(), "appendonly.aof".to_owned())
    );
    assert_eq!(contents(&dir), before);
}

#[test]
fn types_that_are_not_known_are_counted() {
    let dir = scratch("verify-types");
    // A module's value, which no server without the module knows, beside a string.
    let file = b"REDIS0012\x07\x01m\x05\x00\x00\x01a\x01b\xff\0\0\0\0\0\0\0\0";
    fs::write(dir.join("dump.rdb"), file).unwrap();
    let (status, report) = verify(&[dir.to_str().unwrap()]);
    assert_eq!((status, said(&report, "Keys:")), (0, "1".to_owned()), "{report}");
    assert_eq!(said(&report, "Not known, passed over:"), "1 keys of type 7 (module-value)");
}

#[test]
fn without_files_there_is_nothing_to_verify() {
    let dir = scratch("verify-nothing");
    assert_eq!(verify(&[dir.to_str().unwrap()]).0, 2);
    assert_eq!(verify(&[dir.join("missing").to_str().unwrap()]).0, 2);
    assert_eq!(verify(&[]).0, 2);
}
