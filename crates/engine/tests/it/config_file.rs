//! CONFIG against the configuration file and a host that refuses.

use crate::rig::Rig;
use command::transcript::print;

fn ask(rig: &mut Rig, client: u64, line: &str) -> String {
    rig.ask(client, line).iter().map(print).collect::<Vec<_>>().join("\n")
}

#[test]
fn rewrite_keeps_comments_and_writes_what_has_changed() {
    let mut rig = Rig::configured("# my server\nport 7000\nmaxmemory 1mb\n");
    let client = rig.connect();
    assert_eq!(ask(&mut rig, client, "CONFIG SET maxmemory 2mb timeout 30"), "OK");
    assert_eq!(ask(&mut rig, client, "CONFIG REWRITE"), "OK");
    let file = rig.host.file.lock().clone().expect("there is a file");
    let text = String::from_utf8(file).expect("text");
    assert!(text.starts_with("# my server\nport 7000\nmaxmemory 2mb\n"), "{text}");
    assert!(text.contains("\ntimeout 30\n"), "{text}");
}

#[test]
fn without_a_file_there_is_nothing_to_rewrite() {
    let mut rig = Rig::new();
    *rig.host.file.lock() = None;
    let client = rig.connect();
    let reply = ask(&mut rig, client, "CONFIG REWRITE");
    assert_eq!(reply, "(error) ERR The server is running without a config file");
}

#[test]
fn what_the_host_refuses_changes_nothing() {
    let mut rig = Rig::new();
    *rig.host.refused.lock() = Some("port");
    let client = rig.connect();
    assert_eq!(
        ask(&mut rig, client, "CONFIG SET timeout 30 port 7001"),
        "(error) ERR CONFIG SET failed (possibly related to argument 'port') - the host refuses"
    );
    assert_eq!(ask(&mut rig, client, "CONFIG GET timeout"), "1) \"timeout\"\n2) \"0\"");
}

#[test]
fn a_command_that_was_renamed_has_only_its_new_name() {
    let mut rig = Rig::configured("rename-command CONFIG settings\nrename-command FLUSHALL \"\"\n");
    let client = rig.connect();
    assert!(ask(&mut rig, client, "CONFIG GET port").starts_with("(error) ERR unknown command 'CONFIG'"));
    assert!(ask(&mut rig, client, "FLUSHALL").starts_with("(error) ERR unknown command 'FLUSHALL'"));
    assert_eq!(ask(&mut rig, client, "Settings GET port"), "1) \"port\"\n2) \"6379\"");
    assert_eq!(ask(&mut rig, client, "COMMAND INFO flushall"), "1) (nil)");
    assert!(ask(&mut rig, client, "COMMAND INFO settings").starts_with("1)  1) \"config\""));
}

#[test]
fn shutdown_stops_unless_data_would_be_lost() {
    let mut rig = Rig::configured("save 60 1");
    let client = rig.connect();
    let refused = "(error) ERR Errors trying to SHUTDOWN. Check logs.";
    assert_eq!(ask(&mut rig, client, "SHUTDOWN"), refused);
    assert!(!rig.host.stopped.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(ask(&mut rig, client, "SHUTDOWN NOSAVE"), "");
    assert!(rig.is_closed(client));
    assert!(rig.host.stopped.load(std::sync::atomic::Ordering::Relaxed));
}

#[test]
fn commands_are_renamed_line_by_line() {
    use redstart_engine::RenameError;
    let cases = [
        ("no-such-command new", Err(RenameError::NoSuchCommand)),
        ("GET set", Err(RenameError::NameInUse)),
        ("get GET", Ok(())),
        ("set -, get set, set fetch", Ok(())),
        ("get fetch, get again", Err(RenameError::NoSuchCommand)),
    ];
    for (lines, expected) in cases {
        let mut registry = redstart_engine::registry();
        let result = lines.split(", ").try_for_each(|line| {
            let (from, to) = line.split_once(' ').expect("two names");
            registry.rename(from.as_bytes(), to.trim_matches('-').as_bytes())
        });
        assert_eq!(result, expected, "{lines}");
    }
}
