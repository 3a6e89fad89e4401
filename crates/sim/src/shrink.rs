//! Making a failing plan small: clients and steps are left out as long as the same checker still finds something.

use crate::plan::Plan;
use crate::run::{Finding, run};

/// Interleavings that are tried for each smaller plan: leaving something out shifts all later choices.
const SEEDS_PER_PLAN: u64 = 12;

/// Leaves out what isn't needed for the finding; runs at most about `budget` plans. Answers the smallest failing plan.
pub fn shrink(plan: &Plan, finding: &Finding, budget: usize) -> Plan {
    let mut smallest = plan.clone();
    let mut left = budget;
    loop {
        let before = (smallest.len(), smallest.clients.len());
        drop_clients(&mut smallest, finding.check, &mut left);
        drop_steps(&mut smallest, finding.check, &mut left);
        if left == 0 || (smallest.len(), smallest.clients.len()) == before {
            return smallest;
        }
    }
}

/// Replaces `smallest` by `candidate` if that fails too, in some interleaving.
fn accept(smallest: &mut Plan, mut candidate: Plan, check: &str, left: &mut usize) -> bool {
    let first = candidate.pace.seed;
    for nth in 0..SEEDS_PER_PLAN {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        candidate.pace.seed = first.wrapping_add(nth);
        if run(&candidate, false).is_err_and(|found| found.check == check) {
            *smallest = candidate;
            return true;
        }
    }
    false
}

/// A client that is left out keeps its number: others may name it.
fn drop_clients(smallest: &mut Plan, check: &str, left: &mut usize) {
    for client in 0..smallest.clients.len() {
        if smallest.clients[client].steps.is_empty() {
            continue;
        }
        let mut candidate = smallest.clone();
        candidate.clients[client].steps.clear();
        accept(smallest, candidate, check, left);
    }
}

/// Leaves out runs of steps, long ones first.
fn drop_steps(smallest: &mut Plan, check: &str, left: &mut usize) {
    for client in 0..smallest.clients.len() {
        let mut len = smallest.clients[client].steps.len().div_ceil(2);
        while len > 0 {
            let mut at = 0;
            while at < smallest.clients[client].steps.len() {
                let mut candidate = smallest.clone();
                let steps = &mut candidate.clients[client].steps;
                steps.drain(at..(at + len).min(steps.len()));
                if !accept(smallest, candidate, check, left) {
                    at += len;
                }
            }
            len /= 2;
        }
    }
}
