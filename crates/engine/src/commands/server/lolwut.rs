//! LOLWUT: a picture that no two calls draw alike, and the version.

use super::SERVER;
use crate::admin::Admin;
use crate::registry::Run;
use crate::version::{REDIS_VERSION, VERSION};
use base::prng::Prng;
use command::Flag::{Fast, Readonly};
use command::{Args, Command, Done, Reply, Result, Spec};

pub(super) const LOLWUT: Command<Run> = Command::new(
    Spec {
        name: "lolwut",
        since: "5.0.0",
        summary: "Draws a picture and tells the version.",
        complexity: "O(1)",
        syntax: "LOLWUT [VERSION version]",
        arity: -1,
        flags: &[Readonly, Fast],
        ..SERVER
    },
    Run::Admin(lolwut),
);

fn lolwut(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    // Redis has one picture per version and here there is one for all, but a version must be a number.
    if args.take_with_value("VERSION") {
        args.int()?;
    }
    let mut text = draw(admin.cx.rng);
    text.push_str(&format!("\nOne rule, many threads: an elementary automaton. Redstart ver. {VERSION}, "));
    text.push_str(&format!("Redis ver. {REDIS_VERSION}\n"));
    Ok(reply.verbatim(text.as_bytes()))
}

const WIDTH: usize = 64;
const GENERATIONS: usize = 24;
/// Rules of Wolfram's elementary cellular automata that draw something worth looking at.
const RULES: [u8; 10] = [18, 22, 30, 45, 60, 73, 90, 105, 110, 150];

/// Two generations stand in one line of text, as upper and lower halves of its characters.
fn draw(rng: &mut Prng) -> String {
    let rule = RULES[rng.below(RULES.len() as u64) as usize];
    let mut cells = [false; WIDTH];
    cells[WIDTH / 2] = true;
    for _ in 0..rng.below(4) {
        cells[rng.below(WIDTH as u64) as usize] = true;
    }
    let mut text = format!("Rule {rule}\n\n");
    for _ in 0..GENERATIONS / 2 {
        let lower = next_generation(rule, &cells);
        text.extend(cells.iter().zip(&lower).map(|(upper, lower)| match (upper, lower) {
            (false, false) => ' ',
            (true, false) => '▀',
            (false, true) => '▄',
            (true, true) => '█',
        }));
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        cells = next_generation(rule, &lower);
    }
    text
}

/// The world is a ring: the first cell and the last are neighbours.
fn next_generation(rule: u8, cells: &[bool; WIDTH]) -> [bool; WIDTH] {
    std::array::from_fn(|at| {
        let neighbours = [cells[(at + WIDTH - 1) % WIDTH], cells[at], cells[(at + 1) % WIDTH]];
        let number = neighbours.iter().fold(0, |number, cell| number << 1 | u8::from(*cell));
        rule >> number & 1 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_90_draws_a_triangle() {
        let mut cells = [false; WIDTH];
        cells[10] = true;
        let cells = next_generation(90, &next_generation(90, &cells));
        let alive: Vec<usize> = (0..WIDTH).filter(|at| cells[*at]).collect();
        assert_eq!(alive, [8, 12]);
    }
}
