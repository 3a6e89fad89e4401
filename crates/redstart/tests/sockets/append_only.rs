//! The append-only file: what is there again after a restart, how it is loaded, and which replies wait for it.

use super::client::{Client, bulk, command, ok, scratch};
use super::server;
use redstart::{ManualClock, Server};
use resp::reply::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use std::{fs, thread};

fn start_with(dir: &Path, settings: &[(&str, &str)]) -> std::io::Result<Server> {
    let builder = server().data_dir(dir).set("appendonly", "yes");
    let builder = builder.set("enable-debug-command", "yes").set("save", "");
    settings.iter().fold(builder, |builder, (name, value)| builder.set(name, value)).start()
}

fn start(dir: &Path, settings: &[(&str, &str)]) -> (Server, Client) {
    let server = start_with(dir, settings).unwrap();
    let client = Client::tcp(&server);
    (server, client)
}

fn file(dir: &Path) -> PathBuf {
    dir.join("appendonlydir/appendonly.aof.1.incr.aof")
}

/// A directory whose file of changes holds these bytes.
fn with_changes(name: &str, bytes: &[u8]) -> PathBuf {
    let dir = scratch(name);
    fs::create_dir(dir.join("appendonlydir")).unwrap();
    fs::write(file(&dir), bytes).unwrap();
    let manifest = "file appendonly.aof.1.incr.aof seq 1 type i\n";
    fs::write(dir.join("appendonlydir/appendonly.aof.manifest"), manifest).unwrap();
    dir
}

fn words(line: &str) -> Vec<u8> {
    command(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>())
}

#[test]
fn what_was_written_is_there_again() {
    for policy in ["always", "everysec", "no"] {
        let dir = scratch(&format!("aof-{policy}"));
        let settings = [("appendfsync", policy), ("aof-checksum", "yes"), ("aof-timestamp-enabled", "yes")];
        let (server, mut client) = start(&dir, &settings);
        assert_eq!(client.info("persistence", "aof_enabled"), 1);
        for line in ["SET a 1", "RPUSH l x y z", "SELECT 3", "SET b 2 EX 1000", "XADD s 1-1 f v", "SELECT 0"]
        {
            client.ask(line);
        }
        // Reads, and keeps what it has found.
        client.ask("PFADD visitors ann bob");
        client.ask("PFCOUNT visitors");
        client.send([words("MULTI"), words("INCR a"), words("LPOP l"), words("EXEC")].concat());
        (0..4).for_each(|_| drop(client.reply()));
        let digest = client.text("DEBUG DIGEST");
        drop(server);
        let text = fs::read(file(&dir)).unwrap();
        assert!(
            text.windows(4).any(|part| part == b"#TS:") && text.windows(7).any(|part| part == b"#CRC64:")
        );
        assert!(!text.ends_with(b"#\n"), "unused space is given back");
        let (_server, mut client) = start(&dir, &settings);
        assert_eq!(client.text("DEBUG DIGEST"), digest);
        assert_eq!(client.text("GET a"), "2");
    }
}

#[test]
fn info_tells_at_once_what_is_not_written_yet() {
    let dir = scratch("aof-unwritten");
    let (_server, mut client) = start(&dir, &[("appendfsync", "no")]);
    let unwritten = |client: &mut Client| client.info("persistence", "aof_buffer_length");
    while unwritten(&mut client) > 0 {}
    client.ask("DEBUG AOF-FLUSH-SLEEP 1000000000000");
    client.ask("SET a 1");
    let waiting = unwritten(&mut client);
    client.ask("DEBUG AOF-FLUSH-SLEEP 0");
    assert!(waiting > 0);
    while unwritten(&mut client) > 0 {}
    let (written, expected) = (fs::read(file(&dir)).unwrap(), words("SET a 1"));
    assert!(written.windows(expected.len()).any(|part| part == expected));
}

#[test]
fn the_end_may_be_missing() {
    let whole = [words("SET a 1"), words("SET b 2")].concat();
    let tails: [&[u8]; 4] =
        [&words("SET c 3")[..20], &[words("MULTI"), words("SET c 3")].concat(), b"#TS:17", b"#####"];
    for (at, tail) in tails.iter().enumerate() {
        let dir = with_changes(&format!("aof-cut-{at}"), &[&whole, *tail].concat());
        let (server, mut client) = start(&dir, &[]);
        assert_eq!((client.text("GET b"), client.ask("DBSIZE")), ("2".into(), Value::Int(2)));
        client.ask("SET d 4");
        drop(server);
        let (_server, mut client) = start(&dir, &[("aof-load-truncated", "no")]);
        assert_eq!(client.text("GET d"), "4", "{at}");
    }
}

#[test]
fn damage_keeps_the_server_from_starting() {
    let set = words("SET a 1");
    type Case<'c> = (&'c [u8], &'c [(&'c str, &'c str)], &'c str);
    let cases: [Case<'_>; 6] = [
        (b"!!!", &[], "at offset 27, line 8: Expected '*' or '#', got: 21"),
        (
            &words("BLA x"),
            &[],
            "Unknown command 'BLA' reading the append only file appendonly.aof.1.incr.aof",
        ),
        (&words("EXEC"), &[], "Unexpected EXEC"),
        (&words("SELECT 77"), &[], "configured to handle more than 16 databases"),
        (b"*2\r\n", &[("aof-load-truncated", "no")], "Unexpected end of file reading the append only file"),
        (b"#CRC64:0000000000000001 27\r\n", &[], "A checksum is missing before this one"),
    ];
    for (at, (tail, settings, want)) in cases.iter().enumerate() {
        let bytes = [&set, *tail, &set].concat();
        let bytes = if settings.is_empty() { bytes } else { [&set, *tail].concat() };
        let dir = with_changes(&format!("aof-damaged-{at}"), &bytes);
        let error = start_with(&dir, settings).err().expect("the server doesn't start").to_string();
        assert!(error.contains(want), "{error}");
        assert_eq!(fs::read(file(&dir)).unwrap(), bytes, "a file that can't be used stays as it is");
    }
}

#[test]
fn a_little_damage_at_the_end_may_be_dropped() {
    let dir = with_changes("aof-corrupt-tail", &[words("SET a 1"), b"!!!".to_vec()].concat());
    assert!(start_with(&dir, &[("aof-load-corrupt-tail-max-size", "2")]).is_err());
    let (_server, mut client) = start(&dir, &[("aof-load-corrupt-tail-max-size", "3")]);
    assert_eq!(client.text("GET a"), "1");
}

#[test]
fn only_the_last_file_may_end_too_early() {
    let dir = with_changes("aof-files", &words("SET a 1")[..20]);
    let manifest = dir.join("appendonlydir/appendonly.aof.manifest");
    let two = "file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n";
    fs::write(&manifest, two).unwrap();
    let second = dir.join("appendonlydir/appendonly.aof.2.incr.aof");
    let error = start_with(&dir, &[]).err().unwrap().to_string();
    assert!(error.contains("appendonly.aof.2.incr.aof") && error.contains("No such file"), "{error}");
    fs::write(&second, words("SET b 2")).unwrap();
    let error = start_with(&dir, &[]).err().unwrap().to_string();
    assert!(error.contains("the truncated file is not the last file"), "{error}");
    fs::write(&second, "").unwrap();
    let (_server, mut client) = start(&dir, &[]);
    assert_eq!(client.ask("DBSIZE"), Value::Int(0));
}

#[test]
fn a_broken_list_of_files_is_shown() {
    let dir = with_changes("aof-list", b"");
    fs::write(dir.join("appendonlydir/appendonly.aof.manifest"), "file a seq 1 type x\n").unwrap();
    let error = start_with(&dir, &[]).err().unwrap().to_string();
    assert!(error.contains("Unknown AOF file type"), "{error}");
}

#[test]
fn the_single_file_of_an_older_server_is_taken_over() {
    let dir = scratch("aof-single");
    fs::write(dir.join("appendonly.aof"), [words("SELECT 2"), words("SET a 1")].concat()).unwrap();
    let (server, mut client) = start(&dir, &[]);
    client.ask("SELECT 2");
    assert_eq!(client.text("GET a"), "1");
    client.ask("SET b 2");
    drop(server);
    assert!(!dir.join("appendonly.aof").exists());
    let manifest = fs::read_to_string(dir.join("appendonlydir/appendonly.aof.manifest")).unwrap();
    assert_eq!(manifest, "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
    let (_server, mut client) = start(&dir, &[]);
    client.ask("SELECT 2");
    assert_eq!(client.ask("DBSIZE"), Value::Int(2));
}

#[test]
fn expired_keys_end_with_the_record_that_ends_them() {
    let lines =
        ["SET a 1", "PEXPIREAT a 1000", "INCR a", "RPUSH l x", "PEXPIREAT l 1000", "DEL l", "SET b 2"];
    let dir = with_changes("aof-expired", &lines.map(words).concat());
    let (_server, mut client) = start(&dir, &[]);
    assert_eq!((client.ask("GET a"), client.ask("EXISTS l b")), (Value::NullBulk, Value::Int(1)));
}

#[test]
fn replies_wait_for_the_disk_and_other_readers_do_not() {
    let dir = scratch("aof-gate");
    let (server, mut writer) = start(&dir, &[("appendfsync", "always")]);
    let mut reader = Client::tcp(&server);
    for line in ["SET changed 0", "SET other 0", "DEBUG AOF-FLUSH-SLEEP 1000000000000"] {
        assert_eq!(writer.text(line), "OK");
    }
    writer.send([words("GET other"), words("SET changed 1"), words("GET other")].concat());
    // The change is in memory as soon as this is answered, but nobody may tell of it yet.
    while !reader.text("INFO commandstats").contains("cmdstat_set:calls=3") {}
    assert_eq!(reader.text("GET other"), "0");
    let written = fs::read(file(&dir)).unwrap();
    assert!(!written.windows(14).any(|part| part == b"changed\r\n$1\r\n1"), "the disk hasn't got it yet");
    reader.send([words("GET other"), words("GET changed")].concat());
    let mut third = Client::tcp(&server);
    assert_eq!(third.text("DEBUG AOF-FLUSH-SLEEP 0"), "OK");
    assert_eq!((reader.reply(), reader.reply()), (bulk("0"), bulk("1")));
    assert!(fs::read(file(&dir)).unwrap().windows(14).any(|part| part == b"changed\r\n$1\r\n1"));
    assert_eq!((writer.reply(), writer.reply(), writer.reply()), (bulk("0"), ok(), bulk("0")));
}

#[test]
fn waitaof_answers_when_the_disk_has_it() {
    for policy in ["always", "everysec"] {
        let (_server, mut client) =
            start(&scratch(&format!("aof-wait-{policy}")), &[("appendfsync", policy)]);
        let answer = |local| Value::Array(vec![Value::Int(local), Value::Int(0)]);
        assert_eq!(client.ask("WAITAOF 1 0 0"), answer(1));
        client.ask("SET a 1");
        assert_eq!(client.ask("WAITAOF 1 0 0"), answer(1));
        assert_eq!(client.ask("WAITAOF 0 1 1"), answer(1));
    }
}

/// Waits until no rewrite is under way or scheduled.
fn wait_for_rewrite(client: &mut Client) {
    let done =
        |page: String| page.contains("aof_rewrite_in_progress:0") && page.contains("aof_rewrite_scheduled:0");
    while !done(client.text("INFO persistence")) {}
}

fn manifest(dir: &Path) -> String {
    fs::read_to_string(dir.join("appendonlydir/appendonly.aof.manifest")).unwrap()
}

#[test]
fn a_rewrite_begins_new_files() {
    let dir = scratch("aof-rewrite");
    let (server, mut client) = start(&dir, &[("appendfsync", "always")]);
    for at in 0..300 {
        client.ask(&format!("RPUSH list element:{at}"));
        client.ask(&format!("SET key:{at} {at} EX 1000"));
    }
    assert_eq!(client.text("BGREWRITEAOF"), "Background append only file rewriting started");
    for at in 0..300 {
        client.ask(&format!("INCR counter:{}", at % 7));
    }
    wait_for_rewrite(&mut client);
    assert!(client.text("INFO persistence").contains("aof_last_bgrewrite_status:ok"));
    client.ask("SET last 1");
    // The list forgets what was removed a moment after the rewrite has ended.
    while manifest(&dir).contains("type h") {}
    let want = "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n";
    assert_eq!(manifest(&dir), want);
    assert_eq!(fs::read_dir(dir.join("appendonlydir")).unwrap().count(), 3);
    let digest = client.text("DEBUG DIGEST");
    assert_eq!((client.text("DEBUG LOADAOF"), client.text("DEBUG DIGEST")), ("OK".into(), digest));
    client.ask("SET later 1");
    let digest = client.text("DEBUG DIGEST");
    drop(server);
    let (_server, mut client) = start(&dir, &[]);
    assert_eq!(client.text("DEBUG DIGEST"), digest);
}

#[test]
fn the_file_is_turned_on_and_off_while_the_server_runs() {
    let dir = scratch("aof-switch");
    let server = start_with(&dir, &[("appendonly", "no"), ("appendfsync", "always")]).unwrap();
    let mut client = Client::tcp(&server);
    client.ask("SET before 1");
    assert_eq!(
        (client.text("CONFIG SET appendonly yes"), client.info("persistence", "aof_enabled")),
        ("OK".into(), 1)
    );
    client.ask("SET meanwhile 1");
    wait_for_rewrite(&mut client);
    let answer = Value::Array(vec![Value::Int(1), Value::Int(0)]);
    client.ask("SET behind 1");
    assert_eq!(client.ask("WAITAOF 1 0 0"), answer);
    let digest = client.text("DEBUG DIGEST");
    assert_eq!(client.text("CONFIG SET appendonly no"), "OK");
    client.ask("SET lost 1");
    assert!(client.text("WAITAOF 1 0 0").contains("appendonly is disabled"));
    assert_eq!((client.text("DEBUG LOADAOF"), client.text("DEBUG DIGEST")), ("OK".into(), digest));
    client.ask("SET again 1");
    client.send(
        [words("MULTI"), words("CONFIG SET appendonly yes"), words("SET within 1"), words("EXEC")].concat(),
    );
    (0..4).for_each(|_| drop(client.reply()));
    wait_for_rewrite(&mut client);
    let digest = client.text("DEBUG DIGEST");
    drop(server);
    let (_server, mut client) = start(&dir, &[]);
    assert_eq!(client.text("DEBUG DIGEST"), digest);
}

#[test]
fn it_is_rewritten_when_it_has_grown() {
    let dir = scratch("aof-grown");
    let settings = [("auto-aof-rewrite-min-size", "10kb"), ("auto-aof-rewrite-percentage", "50")];
    let (_server, mut client) = start(&dir, &settings);
    while client.info("persistence", "aof_rewrites") == 0 {
        client.ask("SET key value");
    }
    wait_for_rewrite(&mut client);
    assert!(client.info("persistence", "aof_current_size") < 10_000);
}

#[test]
fn a_rewrite_that_fails_does_no_harm() {
    let dir = scratch("aof-rewrite-fails");
    let (_server, mut client) = start(&dir, &[("appendfsync", "always")]);
    client.ask("SET key 1");
    // Renaming the directory lets no new file be made: a rewrite fails, the present file is still written.
    fs::rename(dir.join("appendonlydir"), dir.join("elsewhere")).unwrap();
    client.ask("BGREWRITEAOF");
    wait_for_rewrite(&mut client);
    assert!(client.text("INFO persistence").contains("aof_last_bgrewrite_status:err"));
    assert_eq!(client.text("SET key 2"), "OK");
    fs::rename(dir.join("elsewhere"), dir.join("appendonlydir")).unwrap();
    assert_eq!((client.text("DEBUG LOADAOF"), client.text("GET key")), ("OK".into(), "2".into()));
}

#[test]
fn a_base_may_consist_of_commands() {
    let dir = scratch("aof-commands");
    let settings =
        [("aof-use-rdb-preamble", "no"), ("aof-checksum", "yes"), ("aof-timestamp-enabled", "yes")];
    let (server, mut client) = start(&dir, &settings);
    for at in 0..3000 {
        client.ask(&format!("RPUSH list element:{at}"));
        client.ask(&format!("ZADD sorted {at}.5 member:{at}"));
        client.ask(&format!("SET key:{at} {at}"));
    }
    for line in
        ["SETRANGE long 3000000 end", "SADD set a b", "HSET hash f v", "SELECT 3", "XADD stream 5-1 f v"]
    {
        client.ask(line);
    }
    client.ask("XGROUP CREATE stream group 0");
    client.ask("XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >");
    client.ask("PEXPIRE stream 100000000");
    let (digest, pending) = (client.text("DEBUG DIGEST"), client.ask("XPENDING stream group"));
    client.ask("BGREWRITEAOF");
    while client.info("persistence", "aof_rewrite_in_progress") == 1 {}
    client.ask("SELECT 0");
    client.ask("SET later value");
    drop(server);
    let base = dir.join("appendonlydir/appendonly.aof.2.base.aof");
    let text = fs::read(&base).unwrap();
    assert!(text.starts_with(b"#TS:") && text.windows(9).filter(|part| *part == b"\r\n#CRC64:").count() > 2);
    let (server, mut client) = start(&dir, &settings);
    assert_eq!(client.text("GET later"), "value");
    client.ask("DEL later");
    assert_eq!(client.text("DEBUG DIGEST"), digest);
    client.ask("SELECT 3");
    assert_eq!(client.ask("XPENDING stream group"), pending);
    drop(server);
    let mut damaged = text.clone();
    damaged[text.len() / 2] ^= 1;
    fs::write(&base, damaged).unwrap();
    assert!(start_with(&dir, &settings).is_err());
}

#[test]
fn a_slow_disk_makes_writes_stop_before_memory_is_full() {
    let (_server, mut client) =
        start(&scratch("aof-slow"), &[("appendfsync", "no"), ("aof-buffer-limit", "100kb")]);
    assert_eq!(client.text("SET other value"), "OK");
    assert_eq!(client.text("DEBUG AOF-FLUSH-SLEEP 1000000000"), "OK");
    let set = format!("SET key {}", "x".repeat(10_000));
    let written = (0..20).take_while(|_| client.text(&set) == "OK").count();
    assert!((9..=11).contains(&written), "{written}");
    let refused = "MISCONF Errors writing to the AOF file: the disk is too slow";
    assert!(client.text("SET key value").starts_with(refused));
    assert_eq!(client.text("GET other"), "value");
    assert_eq!(client.text("DEBUG AOF-FLUSH-SLEEP 0"), "OK");
    while client.text("SET key value").starts_with(refused) {}
    assert_eq!(client.text("GET key"), "value");
}

#[test]
fn reloading_loses_no_write_that_the_file_has() {
    let dir = scratch("aof-reload");
    let (server, mut client) = start(&dir, &[("appendfsync", "no")]);
    let over = Arc::new(AtomicBool::new(false));
    let writers = [0, 1, 2].map(|number| {
        let (mut writer, over) = (Client::tcp(&server), over.clone());
        thread::spawn(move || {
            while !over.load(Relaxed) {
                writer.ask(&format!("INCR counter{number}"));
            }
        })
    });
    for _ in 0..20 {
        assert_eq!(client.text("DEBUG RELOAD"), "OK");
    }
    over.store(true, Relaxed);
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let digest = client.text("DEBUG DIGEST");
    drop(server);
    let (_server, mut client) = start(&dir, &[]);
    assert_eq!(client.text("DEBUG DIGEST"), digest);
}

#[test]
fn reloading_keeps_what_is_over_until_the_file_has_its_removal() {
    let dir = scratch("aof-reload-expired");
    let clock = ManualClock::at_ms(1_000_000);
    let start = || {
        let builder = server().data_dir(&dir).clock(clock.clone()).set("appendonly", "yes").set("save", "");
        builder.set("enable-debug-command", "yes").start().unwrap()
    };
    let server = start();
    let mut client = Client::tcp(&server);
    client.ask("DEBUG SET-ACTIVE-EXPIRE 0");
    client.ask("SET old x PX 10");
    client.ask("SET new y");
    clock.advance(Duration::from_millis(20));
    assert_eq!(client.text("DEBUG RELOAD"), "OK");
    assert_eq!(client.ask("RENAMENX new old"), Value::Int(1));
    drop(server);
    let server = start();
    assert_eq!(Client::tcp(&server).text("GET old"), "y");
}
