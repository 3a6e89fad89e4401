//! What is on disk, and what is there again after a restart.

use super::client::{Client, scratch};
use super::server;
use redstart::Server;
use resp::reply::Value;
use std::path::Path;

fn start(dir: &Path) -> (Server, Client) {
    let server = server().data_dir(dir).set("enable-debug-command", "yes").start().unwrap();
    let client = Client::tcp(&server);
    (server, client)
}

/// Makes a database of every kind of value, large and small.
fn fill(client: &mut Client) {
    assert_eq!(client.text("SET text value"), "OK");
    assert_eq!(client.text("SET number 12345 EX 1000"), "OK");
    client.ask(&format!("SET long {}", "abc".repeat(20_000)));
    client.ask("SETRANGE huge 3000000 end");
    for at in 0..2000 {
        client.ask(&format!("RPUSH list element:{at}"));
        client.ask(&format!("XADD stream {}-1 field value:{at}", at + 1));
    }
    client.ask("XGROUP CREATE stream group 0");
    client.ask("XREADGROUP GROUP group consumer COUNT 700 STREAMS stream >");
    client.ask("XDEL stream 100-1 900-1");
    client.ask("SELECT 3");
    client.ask("SET other database");
    client.ask("SELECT 0");
}

#[test]
fn saved_data_is_there_again() {
    let dir = scratch("saved");
    let (server, mut client) = start(&dir);
    fill(&mut client);
    let digest = client.text("DEBUG DIGEST");
    let groups = client.ask("XINFO STREAM stream FULL");
    assert_eq!(client.text("SAVE"), "OK");
    assert_eq!(client.info("persistence", "rdb_changes_since_last_save"), 0);
    drop(server);
    let (_server, mut client) = start(&dir);
    assert_eq!(client.text("DEBUG DIGEST"), digest);
    assert_eq!(client.ask("XINFO STREAM stream FULL"), groups);
    assert!(matches!(client.ask("TTL number"), Value::Int(1..=1000)));
    assert_eq!(client.info("persistence", "rdb_last_load_keys_loaded"), 7);
}

#[test]
fn a_background_save_holds_the_moment_of_its_command() {
    let dir = scratch("background");
    let (server, mut client) = start(&dir);
    fill(&mut client);
    let digest = client.text("DEBUG DIGEST");
    assert_eq!(client.text("BGSAVE"), "Background saving started");
    client.ask("FLUSHDB");
    client.ask("SET text later");
    while client.info("persistence", "rdb_bgsave_in_progress") == 1 {}
    assert!(client.text("INFO persistence").contains("rdb_last_bgsave_status:ok"));
    assert_eq!(client.info("persistence", "rdb_changes_since_last_save"), 7);
    drop(server);
    let (_server, mut client) = start(&dir);
    assert_eq!(client.text("DEBUG DIGEST"), digest);
}

#[test]
fn reloading_changes_nothing() {
    let (_server, mut client) = start(&scratch("reload"));
    fill(&mut client);
    let digest = client.text("DEBUG DIGEST");
    assert_eq!(client.text("DEBUG RELOAD"), "OK");
    assert_eq!(client.text("DEBUG DIGEST"), digest);
    assert_eq!(client.text("DEBUG RELOAD NOSAVE NOFLUSH MERGE"), "OK");
    assert_eq!(client.text("DEBUG DIGEST"), digest);
    client.ask("DEL text");
    assert_eq!(client.text("DEBUG RELOAD NOSAVE"), "OK");
    assert_eq!(client.text("DEBUG DIGEST"), digest);
}

#[test]
fn shutdown_saves_where_there_are_save_points() {
    let dir = scratch("final");
    let (server, mut client) = start(&dir);
    client.ask("SET key value");
    client.ask("CONFIG SET save 3600");
    client.send(b"CONFIG SET save '3600 1'\r\nSHUTDOWN\r\n");
    server.wait();
    let (_server, mut client) = start(&dir);
    assert_eq!(client.text("GET key"), "value");
}

#[test]
fn a_file_that_is_broken_keeps_the_server_from_starting() {
    let dir = scratch("broken");
    let (server, mut client) = start(&dir);
    fill(&mut client);
    client.text("SAVE");
    drop(server);
    let path = dir.join("dump.rdb");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    let error = super::server().data_dir(&dir).start().err().expect("the file is broken");
    assert!(error.to_string().starts_with("Fatal error loading the DB"), "{error}");
    std::fs::write(&path, &bytes[..middle]).unwrap();
    let error = super::server().data_dir(&dir).start().err().expect("the file is cut off");
    assert!(error.to_string().starts_with("Fatal error loading the DB"), "{error}");
}

#[test]
fn keys_without_elements_are_left_out() {
    let dir = scratch("empty");
    let file = b"REDIS0011\xfe\x00\x12\x05empty\x00\x00\x04text\x05value\xff\0\0\0\0\0\0\0\0";
    std::fs::write(dir.join("dump.rdb"), file).unwrap();
    let (_server, mut client) = start(&dir);
    assert_eq!(client.text("GET text"), "value");
    assert!(matches!(client.ask("DBSIZE"), Value::Int(1)));
}

#[test]
fn a_file_with_too_many_databases_says_how_many_there_may_be() {
    let dir = scratch("databases");
    let (server, mut client) = start(&dir);
    fill(&mut client);
    client.text("SAVE");
    drop(server);
    let error =
        super::server().data_dir(&dir).set("databases", "2").start().err().expect("there is a key in 3");
    assert!(error.to_string().contains("configured to handle more than 2 databases"), "{error}");
}

#[test]
fn a_failed_save_stops_writes_until_one_goes_well() {
    let dir = scratch("failed");
    let (_server, mut client) = start(&dir);
    client.ask("SET key value");
    client.send(b"CONFIG SET save '3600 1000'\r\n");
    client.reply();
    std::fs::create_dir(dir.join("dump.rdb")).unwrap();
    client.text("BGSAVE");
    while client.info("persistence", "rdb_bgsave_in_progress") == 1 {}
    assert!(client.text("SET key other").starts_with("MISCONF Redis is configured to save RDB snapshots"));
    assert!(client.text("PING").starts_with("MISCONF"));
    assert_eq!(client.text("GET key"), "value");
    std::fs::remove_dir(dir.join("dump.rdb")).unwrap();
    client.text("SAVE");
    assert_eq!(client.text("SET key other"), "OK");
    let left = std::fs::read_dir(&dir).unwrap().count();
    assert_eq!(left, 1, "temporary files are gone");
}

#[test]
fn saves_that_fail_at_once_spoil_none_after_them() {
    let dir = scratch("folder_gone");
    let (server, mut client) = start(&dir);
    assert_eq!(client.text("DEBUG POPULATE 100"), "OK");
    std::fs::remove_dir_all(&dir).unwrap();
    for _ in 0..255 {
        assert_eq!(client.text("SAVE"), "ERR");
    }
    std::fs::create_dir(&dir).unwrap();
    assert_eq!(client.text("SAVE"), "OK");
    drop(server);
    let (_server, mut client) = start(&dir);
    assert_eq!(client.ask("DBSIZE"), Value::Int(100));
}

#[test]
fn flushall_makes_a_snapshot_under_way_useless() {
    let dir = scratch("useless");
    let (server, mut client) = start(&dir);
    fill(&mut client);
    client.text("SAVE");
    client.send(
        b"CONFIG SET rdb-key-save-delay 100000\r\nCONFIG SET save '3600 1000'\r\nBGSAVE\r\nFLUSHALL\r\n",
    );
    (0..4).for_each(|_| drop(client.reply()));
    assert_eq!(client.info("persistence", "rdb_changes_since_last_save"), 0);
    client.ask("CONFIG SET rdb-key-save-delay 0");
    // The file is emptied too, by a snapshot that the server begins by itself.
    while client.info("persistence", "rdb_saves") < 2 {}
    drop(server);
    let (_server, mut client) = start(&dir);
    assert_eq!(client.ask("DBSIZE"), Value::Int(0));
}

#[test]
fn flushall_leaves_a_save_alone_that_somebody_waits_for() {
    let server = server().data_dir(scratch("waited")).set("io-threads", "2").set("save", "").start().unwrap();
    // Connections of their own workers.
    let (mut saves, mut other) = (Client::tcp(&server), Client::tcp(&server));
    (0..20).for_each(|at| drop(other.ask(&format!("SET key:{at} value"))));
    other.ask("CONFIG SET rdb-key-save-delay 100000");
    saves.send(b"SAVE\r\n");
    while other.info("persistence", "rdb_bgsave_in_progress") == 0 {}
    other.ask("FLUSHALL");
    other.ask("CONFIG SET rdb-key-save-delay 0");
    assert_eq!(saves.reply(), super::client::ok());
}
