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
    let version = if args.take_with_value("VERSION") { args.int()? } else { NEWEST_WITH_PICTURE };
    Ok(reply.verbatim(page(version, admin.cx.rng).as_bytes()))
}

/// The picture, if the version has one, and which version this server is.
fn page(version: i64, rng: &mut Prng) -> String {
    let mut text = String::new();
    if VERSIONS_WITH_PICTURE.contains(&version) {
        text = draw(rng);
        text.push_str("\nOne rule, many threads: an elementary automaton. ");
    }
    text.push_str(&format!("Redstart ver. {VERSION}, Redis ver. {REDIS_VERSION}\n"));
    text
}

/// The versions of Redis that have a picture, each its own; here there is one for all.
const VERSIONS_WITH_PICTURE: [i64; 3] = [5, 6, NEWEST_WITH_PICTURE];
const NEWEST_WITH_PICTURE: i64 = 8;

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
    fn versions_without_a_picture_are_told_the_version_only() {
        let lines = |version| page(version, &mut Prng::new(1)).lines().count();
        assert_eq!([-1, 0, 5, 6, 7, 8, 99].map(lines), [1, 1, 16, 16, 1, 16, 1]);
    }

    #[test]
    fn rule_90_draws_a_triangle() {
        let mut cells = [false; WIDTH];
        cells[10] = true;
        let cells = next_generation(90, &next_generation(90, &cells));
        let alive: Vec<usize> = (0..WIDTH).filter(|at| cells[*at]).collect();
        assert_eq!(alive, [8, 12]);
    }
}
