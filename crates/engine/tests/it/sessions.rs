//! Conversations of several clients, as transcripts in `data/sessions`.
//!
//! A line `a> COMMAND` lets client `a` (connected by its first line) send a command, `a< ` shows what has arrived for it
//! unasked, and `wait 100` lets so many milliseconds pass. Below the first two stands what has arrived, as redis-cli
//! prints it: nothing at all, several replies, `(closed)` when the connection is. `server DIRECTIVE...` begins a new
//! server with a line of configuration, and lines with `#` are comments.

use crate::rig::Rig;
use command::transcript::print;
use std::collections::BTreeMap;

/// A server, and its clients by the letters that stand for them.
struct Stage {
    rig: Rig,
    clients: BTreeMap<char, u64>,
}

impl Stage {
    fn new(configuration: &str) -> Stage {
        let rig = Rig::configured(&format!("save \"\"\n{configuration}\n"));
        Stage { rig, clients: BTreeMap::new() }
    }

    fn client(&mut self, letter: char) -> u64 {
        let rig = &mut self.rig;
        *self.clients.entry(letter).or_insert_with(|| rig.connect())
    }

    /// Plays a line; answers what it shows, if it is one that shows something.
    fn play(&mut self, line: &str) -> Option<String> {
        if let Some(ms) = line.strip_prefix("wait ") {
            self.rig.advance_ms(ms.parse().expect("milliseconds"));
            return None;
        }
        let letter = line.chars().next().filter(char::is_ascii_lowercase)?;
        let client = self.client(letter);
        let replies = match line[1..].split_once(' ') {
            Some((">", command)) => self.rig.ask(client, &command.replace("\\n", "\r\n")),
            Some(("<", _)) => self.rig.arrived(client),
            _ => return None,
        };
        let mut shown: Vec<String> = replies.iter().map(print).collect();
        if self.rig.is_closed(client) {
            shown.push("(closed)".to_owned());
        }
        Some(shown.join("\n"))
    }
}

/// Whether a line of a transcript isn't part of what the line before shows.
fn is_cue(line: &str) -> bool {
    let is_client = line.len() > 2
        && line.as_bytes()[0].is_ascii_lowercase()
        && [b"> ", b"< "].contains(&&[line.as_bytes()[1], line.as_bytes()[2]]);
    is_client
        || line.starts_with("wait ")
        || line.starts_with("server ")
        || line.starts_with('#')
        || line.is_empty()
}

fn play(name: &str, text: &str) {
    let mut stage = Stage::new("");
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let cue = lines[at];
        let end =
            lines[at + 1..].iter().position(|line| is_cue(line)).map_or(lines.len(), |more| at + 1 + more);
        let expected = lines[at + 1..end].join("\n");
        if let Some(configuration) = cue.strip_prefix("server ") {
            stage = Stage::new(configuration);
        } else if let Some(shown) = stage.play(cue) {
            assert_eq!(shown, expected, "{name}:{}: {cue}", at + 1);
        }
        at = end;
    }
}

macro_rules! transcripts {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name), include_str!(concat!("data/sessions/", stringify!($name), ".txt")));
            }
        )+
    };
}

transcripts!(
    auth,
    blocked,
    commandlog,
    connection,
    debug,
    events,
    himport,
    hotkeys,
    import,
    kill,
    monitor,
    overwritten,
    pause,
    places,
    pubsub,
    reply_mode,
    security,
    streams,
    subkeys,
    tracking,
    transactions
);
