//! Plans as text, so that one that failed can be kept, read and run again.
//!
//! ```text
//! # a comment
//! run workers=2 shards=8 seed=1 interleaving=7 switch=4 tick=16 wild=no
//! client worker=0 db=0
//!     SET r1 "a b" ; GET r1
//!     (ahead) CLIENT KILL ID @1
//!     [wait us=300]
//! ```
//!
//! A run with a limit of memory has `room=` and `policy=` too. Words are quoted as redis-cli does; `;` parts the requests of one step, `@1` is the id of client 1.

use super::{ClientPlan, Plan, Request, Step, Word};
use crate::scheduler::Pace;
use crate::server::{Memory, POLICIES, Shape};
use base::quote::{next_arg, quote};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

const AHEAD: &str = "(ahead) ";

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Word::ClientId(client) => return write!(f, "@{client}"),
            Word::Text(text) => text,
        };
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"{}:*+-.$>=<_?".contains(byte);
        let shown = if !text.is_empty() && text.iter().all(plain) { text.clone() } else { quote(text) };
        f.write_str(&String::from_utf8_lossy(&shown))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step::Send { requests, ahead } = self else { return self.fmt_special(f) };
        f.write_str(if *ahead { AHEAD } else { "" })?;
        for (nth, request) in requests.iter().enumerate() {
            f.write_str(if nth > 0 { " ; " } else { "" })?;
            for (nth, word) in request.iter().enumerate() {
                write!(f, "{}{word}", if nth > 0 { " " } else { "" })?;
            }
        }
        Ok(())
    }
}

impl Step {
    fn fmt_special(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Send { .. } => Ok(()),
            Step::Add { key, by } => write!(f, "[add key={} by={by}]", Word::Text(key.clone())),
            Step::Think { us } => write!(f, "[wait us={us}]"),
            Step::Doze { us } => write!(f, "[doze us={us}]"),
            Step::Disconnect => f.write_str("[disconnect]"),
            Step::Kill { client } => write!(f, "[kill client={client}]"),
            Step::Unblock { client, with_error } => {
                write!(f, "[unblock client={client} error={}]", yes_or_no(*with_error))
            }
            Step::Pause { ms, all } => write!(f, "[pause ms={ms} all={}]", yes_or_no(*all)),
            Step::Unpause => f.write_str("[unpause]"),
            Step::Cut => f.write_str("[cut]"),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Shape { workers, shards, seed, memory }, pace) = (self.shape, self.pace);
        write!(f, "run workers={workers} shards={shards} seed={seed} interleaving={} ", pace.seed)?;
        let (switch, tick) = (pace.switch_one_in, pace.tick_one_in);
        write!(f, "switch={switch} tick={tick} wild={}", yes_or_no(self.wild))?;
        match memory {
            Some(Memory { room_bytes, policy }) => {
                writeln!(f, " room={room_bytes} policy={}", policy.name())?
            }
            None => writeln!(f)?,
        }
        for client in &self.clients {
            writeln!(f, "client worker={} db={}", client.worker, client.db)?;
            client.steps.iter().try_for_each(|step| writeln!(f, "    {step}"))?;
        }
        Ok(())
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

impl FromStr for Plan {
    type Err = String;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Plan, String> {
        let mut plan: Option<Plan> = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let result = match (line.split_once(' '), &mut plan) {
                (Some(("run", rest)), None) => header(rest).map(|header| plan = Some(header)),
                (Some(("client", rest)), Some(plan)) => client(rest).map(|client| plan.clients.push(client)),
                (_, Some(Plan { clients, .. })) if !clients.is_empty() => step(line)
                    .map(|step| clients.last_mut().into_iter().for_each(|c| c.steps.push(step.clone()))),
                _ => None,
            };
            result.ok_or_else(|| format!("not understood: {line}"))?;
        }
        plan.ok_or_else(|| "no plan".into())
    }
}

/// `name=value` words.
struct Fields<'t>(HashMap<&'t str, &'t str>);

impl<'t> Fields<'t> {
    fn of(text: &'t str) -> Fields<'t> {
        Fields(text.split_ascii_whitespace().filter_map(|word| word.split_once('=')).collect())
    }

    fn number<N: FromStr>(&self, name: &str) -> Option<N> {
        self.0.get(name)?.parse().ok()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match *self.0.get(name)? {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }
}

fn header(text: &str) -> Option<Plan> {
    let fields = Fields::of(text);
    Some(Plan {
        shape: Shape {
            workers: fields.number("workers")?,
            shards: fields.number("shards")?,
            seed: fields.number("seed")?,
            memory: memory(&fields),
        },
        pace: Pace {
            seed: fields.number("interleaving")?,
            switch_one_in: fields.number("switch")?,
            tick_one_in: fields.number("tick")?,
        },
        wild: fields.flag("wild")?,
        clients: Vec::new(),
    })
}

fn memory(fields: &Fields<'_>) -> Option<Memory> {
    let name = fields.0.get("policy")?;
    let policy = POLICIES.into_iter().find(|policy| policy.name() == *name)?;
    Some(Memory { room_bytes: fields.number("room")?, policy })
}

fn client(text: &str) -> Option<ClientPlan> {
    let fields = Fields::of(text);
    Some(ClientPlan { worker: fields.number("worker")?, db: fields.number("db")?, steps: Vec::new() })
}

fn step(line: &str) -> Option<Step> {
    if let Some(special) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
        return special_step(special);
    }
    let (ahead, line) = line.strip_prefix(AHEAD).map_or((false, line), |line| (true, line));
    Some(Step::Send { requests: requests(line)?, ahead })
}

fn special_step(text: &str) -> Option<Step> {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let fields = Fields::of(rest);
    Some(match name {
        "add" => Step::Add { key: fields.0.get("key")?.as_bytes().to_vec(), by: fields.number("by")? },
        "wait" => Step::Think { us: fields.number("us")? },
        "doze" => Step::Doze { us: fields.number("us")? },
        "disconnect" => Step::Disconnect,
        "kill" => Step::Kill { client: fields.number("client")? },
        "unblock" => Step::Unblock { client: fields.number("client")?, with_error: fields.flag("error")? },
        "pause" => Step::Pause { ms: fields.number("ms")?, all: fields.flag("all")? },
        "unpause" => Step::Unpause,
        "cut" => Step::Cut,
        _ => return None,
    })
}

fn requests(line: &str) -> Option<Vec<Request>> {
    let mut requests = vec![Request::new()];
    let mut rest = line.trim_start().as_bytes();
    while let Some(first) = rest.first().copied() {
        let mut word = Vec::new();
        rest = next_arg(rest, &mut word).ok()??.trim_ascii_start();
        match first {
            b';' => requests.push(Request::new()),
            b'@' => {
                let client = std::str::from_utf8(&word[1..]).ok()?.parse().ok()?;
                requests.last_mut()?.push(Word::ClientId(client));
            }
            _ => requests.last_mut()?.push(Word::Text(word)),
        }
    }
    Some(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_survive_being_written_and_read() {
        for seed in 0..200 {
            let plan = crate::plan_of(seed);
            assert_eq!(plan.to_string().parse(), Ok(plan));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let header = "run workers=1 shards=1 seed=1 interleaving=1 switch=1 tick=1 wild=no\n";
        for text in ["", "client worker=0 db=0", "run workers=1", &format!("{header}GET a")] {
            assert!(text.parse::<Plan>().is_err(), "{text}");
        }
        let client = format!("{header}client worker=0 db=0\n");
        for line in ["[wait us=x]", "[dance]", "GET \"a", "GET @x"] {
            assert!(format!("{client}{line}").parse::<Plan>().is_err(), "{line}");
        }
    }
}
