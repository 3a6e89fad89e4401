//! DEBUG and MODULE are for those whom the configuration allows them, before anything else about a client counts.

use crate::rig::Rig;
use command::transcript::print;
use redstart_engine::Peer;

const COMMANDS: [(&str, &str, &str); 3] = [
    ("DEBUG SLEEP 0", "debug", "OK"),
    ("MODULE LOAD x", "module", "(error) ERR Error loading the extension. Please check the server logs."),
    ("MODULE UNLOAD x", "module", "(error) ERR Error unloading module: no such module with that name"),
];

fn refusal(name: &str) -> String {
    format!(
        "(error) ERR {} command not allowed. If the enable-{name}-command option is set to \"local\", you can run it from \
         a local connection, otherwise you need to set this option in the configuration file, and then restart the \
         server.",
        name.to_uppercase()
    )
}

#[test]
fn the_configuration_says_who_may() {
    let cases = [("no", false, false), ("local", true, false), ("yes", true, true)];
    for (command, name, allowed) in COMMANDS {
        for (value, locally, remotely) in cases {
            let mut rig = Rig::configured(&format!("enable-{name}-command {value}\n"));
            for (loopback, may) in [(true, locally), (false, remotely)] {
                let (remote, local) = ("there:1".to_owned(), "here:1".to_owned());
                let client = rig.connect_from(Peer::Tcp { remote, local, loopback });
                let expected = if may { allowed.to_owned() } else { refusal(name) };
                assert_eq!(print(&rig.ask(client, command)[0]), expected, "{command}, {value}, {loopback}");
            }
        }
    }
}

#[test]
fn refused_before_the_password_is_asked_for_and_before_queueing() {
    let mut rig = Rig::configured("requirepass secret\n");
    let peer = || Peer::Tcp { remote: "there:1".to_owned(), local: "here:1".to_owned(), loopback: true };
    let stranger = rig.connect_from(peer());
    assert_eq!(print(&rig.ask(stranger, "DEBUG SLEEP 0")[0]), refusal("debug"));
    let client = rig.connect_from(peer());
    let shown: Vec<String> = ["AUTH secret", "MULTI", "MODULE LOAD x", "EXEC"]
        .map(|line| print(&rig.ask(client, line)[0]))
        .to_vec();
    let aborted = "(error) EXECABORT Transaction discarded because of previous errors.";
    assert_eq!(shown, ["OK", "OK", &refusal("module"), aborted]);
}
