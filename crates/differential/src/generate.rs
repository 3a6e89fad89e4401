//! Sequences of commands on two connections.

use crate::forms::Family;
use crate::grammar::Form;
use crate::limits;
use crate::values::Draw;
use base::prng::Prng;

/// Connections of a case. Only the last one may be made to wait.
pub const LINKS: usize = 2;

/// One command on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The connection's number.
    pub link: usize,
    /// The command.
    pub command: Vec<Vec<u8>>,
    /// Whether so much time has to pass behind it that what it lets expire has expired.
    pub expires: bool,
}

impl Step {
    /// A command after which nobody waits.
    pub fn new(link: usize, command: Vec<Vec<u8>>) -> Self {
        Self { link, command, expires: false }
    }
}

/// Commands that must be complete: without their last words what they answer or do is left to chance, or, with further
/// ones, the transaction goes on that the generator takes for ended.
const WHOLE: [&str; 16] = [
    "SPOP",
    "ZRANDMEMBER",
    "SCAN",
    "SSCAN",
    "HSCAN",
    "ZSCAN",
    "SORT",
    "SORT_RO",
    "CONFIG",
    "CLIENT",
    "COMMAND",
    "DUMP",
    "WAIT",
    "EXEC",
    "DISCARD",
    "RESET",
];

/// The commands that a run may use.
#[derive(Debug)]
pub struct Repertoire {
    /// Families of commands that read and write, one or two of which a sequence uses at a time.
    data: Vec<Vec<Form>>,
    /// Families that wrap the others.
    transactions: Option<Vec<Form>>,
    blocking: Option<Vec<Form>>,
}

impl Repertoire {
    /// The forms of `families` that `knows` accepts.
    ///
    /// # Errors
    /// A line of the tables that is no form, or families without a command to read and write data.
    pub fn new(families: &[Family], mut knows: impl FnMut(&Form) -> bool) -> Result<Self, String> {
        let mut chosen = Self { data: Vec::new(), transactions: None, blocking: None };
        for &family in families {
            let forms: Vec<_> = family.forms()?.into_iter().filter(|form| knows(form)).collect();
            if forms.is_empty() {
                continue;
            }
            match family {
                Family::Transactions => chosen.transactions = Some(forms),
                Family::Blocking => chosen.blocking = Some(forms),
                _ => chosen.data.push(forms),
            }
        }
        if chosen.data.is_empty() {
            Err("transactions and blocking need other families".into())
        } else {
            Ok(chosen)
        }
    }

    /// The sequence that belongs to a seed.
    pub fn sequence(&self, seed: u64, len: usize) -> Vec<Step> {
        let mut prng = Prng::new(seed);
        let mut writer = Writer { repertoire: self, clock: 0, in_multi: [false; LINKS], focus: [0; 2] };
        writer.refocus(&mut prng);
        let mut steps = limits::drawn(&mut prng);
        for link in 0..LINKS {
            if prng.below(3) == 0 {
                steps.push(Step::new(link, vec![b"HELLO".to_vec(), b"3".to_vec()]));
            }
        }
        while steps.len() < len {
            if prng.below(40) == 0 {
                steps.extend(writer.farewells());
                writer.refocus(&mut prng);
            }
            steps.push(writer.step(&mut prng));
        }
        steps
    }
}

struct Writer<'r> {
    repertoire: &'r Repertoire,
    clock: u64,
    in_multi: [bool; LINKS],
    /// The data families that commands come from at the moment: few families meet more often on the same keys.
    focus: [usize; 2],
}

impl Writer<'_> {
    fn refocus(&mut self, prng: &mut Prng) {
        let [one, other] = self.focus.map(|_| prng.below(self.repertoire.data.len() as u64) as usize);
        self.focus = [one, if prng.below(2) == 0 { one } else { other }];
    }

    /// What ends all subscriptions before other commands are drawn: few of these are allowed beside some.
    fn farewells(&mut self) -> Vec<Step> {
        let data = &self.repertoire.data;
        let subscribes = |family: &usize| data[*family].iter().any(|form| form.name() == "SUBSCRIBE");
        if !self.focus.iter().any(subscribes) {
            return Vec::new();
        }
        self.in_multi = [false; LINKS];
        (0..LINKS).map(|link| Step::new(link, vec![b"RESET".to_vec()])).collect()
    }

    fn step(&mut self, prng: &mut Prng) -> Step {
        let mut link = prng.below(LINKS as u64) as usize;
        if self.in_multi[link] && prng.below(5) == 0 {
            return self.end_of_transaction(link, prng);
        }
        let dice = prng.below(24);
        let forms = match (&self.repertoire.transactions, &self.repertoire.blocking) {
            (Some(transactions), _) if dice < 2 => transactions,
            (_, Some(blocking)) if dice >= 21 => {
                link = LINKS - 1;
                blocking
            }
            _ => &self.repertoire.data[self.focus[prng.below(2) as usize]],
        };
        let form = weighted(forms, prng);
        if self.in_multi[link] && (form.name().ends_with("SUBSCRIBE") || form.name() == "AUTH") {
            // What EXEC answers then is no valid reply of any server, or none at all.
            return self.end_of_transaction(link, prng);
        }
        match form.name() {
            "MULTI" => self.in_multi[link] = true,
            "EXEC" | "DISCARD" | "RESET" => self.in_multi[link] = false,
            _ => {}
        }
        let mut draw = Draw::new(prng, &mut self.clock);
        let mut command = form.draw(&mut draw);
        let expires = draw.drew_a_short_life();
        if expires && self.in_multi[link] {
            return self.end_of_transaction(link, prng);
        }
        if prng.below(60) == 0 && !WHOLE.contains(&form.name()) {
            spoil(&mut command, prng);
        }
        Step { link, command, expires }
    }

    fn end_of_transaction(&mut self, link: usize, prng: &mut Prng) -> Step {
        let end = if prng.below(6) == 0 { "DISCARD" } else { "EXEC" };
        self.in_multi[link] = false;
        Step::new(link, vec![end.into()])
    }
}

/// Takes words from the end of a command, or says the last one twice.
fn spoil(command: &mut Vec<Vec<u8>>, prng: &mut Prng) {
    if prng.below(4) == 0 {
        command.extend(command.last().cloned());
    } else {
        command.truncate(1 + prng.below(command.len() as u64) as usize);
    }
}

fn weighted<'f>(forms: &'f [Form], prng: &mut Prng) -> &'f Form {
    let mut at = prng.below(forms.iter().map(|form| form.weight).sum());
    for form in forms {
        if at < form.weight {
            return form;
        }
        at -= form.weight;
    }
    &forms[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Flavor;

    #[test]
    fn a_seed_names_a_sequence() {
        let repertoire = Repertoire::new(&Family::ALL, |_| true).unwrap();
        assert_eq!(repertoire.sequence(1, 500), repertoire.sequence(1, 500));
        assert_ne!(repertoire.sequence(1, 500), repertoire.sequence(2, 500));
    }

    #[test]
    fn commands_of_one_flavor_are_left_out_for_the_other() {
        let names = |flavor: Flavor| {
            let repertoire = Repertoire::new(&[Family::Strings], |form| flavor.knows(form.only)).unwrap();
            let steps = repertoire.sequence(1, 3000);
            steps.iter().any(|step| step.command[0].eq_ignore_ascii_case(b"DELIFEQ"))
        };
        assert_eq!([Flavor::Redis, Flavor::Valkey, Flavor::Redstart].map(names), [false, true, true]);
    }

    #[test]
    fn only_the_last_connection_waits() {
        let repertoire = Repertoire::new(&[Family::Lists, Family::Blocking], |_| true).unwrap();
        let steps = repertoire.sequence(3, 500);
        let mut waiting = steps.iter().filter(|step| step.command[0].to_ascii_uppercase().starts_with(b"BL"));
        assert!(waiting.clone().count() > 0 && waiting.all(|step| step.link == LINKS - 1));
    }

    #[test]
    fn wrapping_families_need_others() {
        assert!(Repertoire::new(&[Family::Transactions, Family::Blocking], |_| true).is_err());
    }
}
