//! The baton: each virtual worker has a thread, but only one runs at a time, and at every point where real workers could
//! overtake each other a seeded choice decides who goes on. Virtual time moves only here.
//!
//! Equal seeds give equal choices, and nothing else decides: a run is a function of its seed.

use crate::panics;
use base::prng::Prng;
use command::Shards;
use engine::{Clock, Wake};
use keyspace::{GateHeld, Interleave, ShardId, Wanted};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, Weak};

/// When virtual time begins, microseconds since the epoch.
pub const START_US: i64 = 1_700_000_000_000_000;
/// Turns after which a run counts as one without an end.
const MAX_TURNS: u64 = 3_000_000;
/// The running worker's number while the workers don't run.
const NOBODY: usize = usize::MAX;

/// How a run's interleaving is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// The seed of the choices.
    pub seed: u64,
    /// One in so many turns lets another worker go on.
    pub switch_one_in: u64,
    /// One in so many turns moves the clock.
    pub tick_one_in: u64,
}

/// What an idle worker is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wakeup {
    /// Look again: there is mail, or time has passed.
    Look,
    /// The run is over.
    Stop,
}

/// How a worker stands.
#[derive(Clone, Copy, Debug)]
enum Status {
    /// It may go on.
    Ready,
    /// It waits for a lock that was refused; nobody has done anything since if `progress` hasn't moved.
    Refused { progress: u64, wanted: Wanted },
    /// It has nothing to do before `next_us`; at `tick_us` there are duties that keep no run alive.
    Idle { next_us: Option<i64>, tick_us: Option<i64> },
    /// It has ended.
    Done,
}

impl Status {
    fn can_go_on(self, progress_now: u64) -> bool {
        match self {
            Status::Ready => true,
            Status::Refused { progress, .. } => progress < progress_now,
            Status::Idle { .. } | Status::Done => false,
        }
    }
}

struct State {
    rng: Prng,
    pace: Pace,
    workers: Vec<Status>,
    running: usize,
    /// Grows with everything a worker does, refused attempts to lock excepted.
    progress: u64,
    turns: u64,
    stopping: bool,
    failure: Option<String>,
    /// The worker that took each shard last.
    owners: Vec<Option<usize>>,
    trace: Option<Vec<String>>,
}

/// The baton, the clock and the record of what happened.
pub struct Scheduler {
    state: Mutex<State>,
    bells: Vec<Condvar>,
    now_us: AtomicI64,
    stamp: AtomicU64,
    shards: OnceLock<Weak<engine::Engine>>,
}

/// The payload with which threads leave a run that has failed elsewhere.
pub(crate) struct Aborted;

impl Scheduler {
    /// A baton for `workers` workers. `traced` keeps a line for each event.
    pub(crate) fn new(workers: usize, shards: usize, pace: Pace, traced: bool) -> Arc<Scheduler> {
        let state = State {
            rng: Prng::new(pace.seed),
            pace,
            workers: vec![Status::Ready; workers],
            running: NOBODY,
            progress: 1,
            turns: 0,
            stopping: false,
            failure: None,
            owners: vec![None; shards],
            trace: traced.then(Vec::new),
        };
        Arc::new(Scheduler {
            state: Mutex::new(state),
            bells: (0..workers).map(|_| Condvar::new()).collect(),
            now_us: AtomicI64::new(START_US),
            stamp: AtomicU64::new(1),
            shards: OnceLock::new(),
        })
    }

    /// Lets reports look at the shards.
    pub(crate) fn watch(&self, engine: &Arc<engine::Engine>) {
        let first = self.shards.set(Arc::downgrade(engine)).is_ok();
        debug_assert!(first, "a run has one engine");
    }

    /// Lets the first worker go on.
    pub(crate) fn start(&self) {
        let mut state = self.state.lock();
        self.pass(&mut state);
    }

    /// Waits for the baton for the first time.
    pub(crate) fn join(&self, worker: usize) {
        let mut state = self.state.lock();
        self.wait_for_baton(&mut state, worker);
    }

    /// A number greater than all before: the order of events.
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp.fetch_add(1, Relaxed)
    }

    /// Virtual time, microseconds since the epoch.
    pub fn now_us(&self) -> i64 {
        self.now_us.load(Relaxed)
    }

    /// Notes an event, if the run is traced.
    pub(crate) fn note(&self, text: impl FnOnce() -> String) {
        self.state.lock().note(self.now_us(), text);
    }

    /// The calling worker has nothing to do before `next_us` (or until it gets mail). The run ends when no worker has
    /// anything to do at any time; `tick_us` is a moment at which it wants to look in any case, as long as the run goes on.
    pub(crate) fn idle(&self, next_us: Option<i64>, tick_us: Option<i64>) -> Wakeup {
        let mut state = self.state.lock();
        let me = state.running;
        if state.stopping {
            return Wakeup::Stop;
        }
        state.progress += 1;
        state.workers[me] = Status::Idle { next_us, tick_us };
        self.switch(&mut state, me);
        if state.stopping { Wakeup::Stop } else { Wakeup::Look }
    }

    /// The worker's thread ends.
    pub(crate) fn done(&self, worker: usize) {
        let mut state = self.state.lock();
        state.progress += 1;
        state.workers[worker] = Status::Done;
        if state.failure.is_none() {
            self.pass(&mut state);
        }
    }

    /// All workers have ended: from now on nobody is overtaken.
    pub(crate) fn finish(&self) {
        self.state.lock().running = NOBODY;
    }

    /// Ends the run: something is wrong.
    pub(crate) fn fail(&self, text: String) {
        let mut state = self.state.lock();
        self.fail_locked(&mut state, text);
    }

    /// What went wrong while the workers ran.
    pub(crate) fn failure(&self) -> Option<String> {
        self.state.lock().failure.clone()
    }

    /// The lines of a traced run.
    pub(crate) fn take_trace(&self) -> Vec<String> {
        self.state.lock().trace.take().unwrap_or_default()
    }

    fn fail_locked(&self, state: &mut State, text: String) {
        state.note(self.now_us(), || format!("FAILED: {text}"));
        state.failure.get_or_insert(text);
        self.bells.iter().for_each(|bell| {
            bell.notify_one();
        });
    }

    /// Chooses who goes on, and waits until it is `me` again.
    fn switch(&self, state: &mut MutexGuard<'_, State>, me: usize) {
        self.pass(state);
        if state.running != me || state.failure.is_some() {
            self.wait_for_baton(state, me);
        }
    }

    fn wait_for_baton(&self, state: &mut MutexGuard<'_, State>, me: usize) {
        while state.running != me && state.failure.is_none() {
            self.bells[me].wait(state);
        }
        if state.failure.is_some() {
            MutexGuard::unlocked(state, panics::leave_run);
        }
    }

    /// Hands the baton to one who can go on; moves time if all are idle; ends the run if there is nothing left to do.
    fn pass(&self, state: &mut State) {
        state.turns += 1;
        if state.turns > MAX_TURNS {
            return self.fail_locked(state, format!("no end after {MAX_TURNS} turns"));
        }
        self.tick(state);
        let next = loop {
            if let Some(next) = state.choose() {
                break next;
            }
            if state.workers.iter().any(|status| matches!(status, Status::Refused { .. })) {
                let text = format!("deadlock: {}", self.describe(state));
                return self.fail_locked(state, text);
            }
            if !self.wake_idle(state) {
                return;
            }
        };
        state.workers[next] = Status::Ready;
        if next != state.running {
            state.running = next;
            self.bells[next].notify_one();
        }
    }

    fn tick(&self, state: &mut State) {
        if state.rng.below(state.pace.tick_one_in) == 0 {
            let us = state.rng.below(400) as i64;
            self.now_us.fetch_add(us, Relaxed);
        }
    }

    /// Moves time to the next event, or ends the run. Answers whether anybody can go on now.
    fn wake_idle(&self, state: &mut State) -> bool {
        let idle = state.workers.iter().filter_map(|status| match status {
            Status::Idle { next_us, tick_us } => Some((*next_us, *tick_us)),
            _ => None,
        });
        let (mut next, mut tick, mut any) = (i64::MAX, i64::MAX, false);
        for (next_us, tick_us) in idle {
            any = true;
            next = next.min(next_us.unwrap_or(i64::MAX));
            tick = tick.min(tick_us.unwrap_or(i64::MAX));
        }
        if next == i64::MAX {
            state.stopping = true;
        } else {
            let now_us = self.now_us().max(next.min(tick));
            self.now_us.store(now_us, Relaxed);
        }
        state.wake(self.now_us());
        any
    }

    /// Who holds what and who waits for what.
    fn describe(&self, state: &State) -> String {
        let mut text = String::new();
        for (worker, status) in state.workers.iter().enumerate() {
            let held = self.held_by(state, worker);
            let _ = write!(text, "worker {worker} holds shards {held:?}, ");
            let _ = match status {
                Status::Refused { wanted, .. } => write!(text, "waits for {wanted:?}; "),
                other => write!(text, "is {other:?}; "),
            };
        }
        text
    }

    /// Shards that the worker took last and that are still locked: those it holds.
    fn held_by(&self, state: &State, worker: usize) -> Vec<usize> {
        let Some(engine) = self.shards.get().and_then(Weak::upgrade) else { return Vec::new() };
        let shards: &Shards = &engine.shards;
        let taken = state.owners.iter().enumerate().filter(|(_, owner)| **owner == Some(worker));
        taken.map(|(id, _)| id).filter(|id| shards.is_locked(*id as ShardId)).collect()
    }
}

impl State {
    /// One of those who can go on, if there is any.
    fn choose(&mut self) -> Option<usize> {
        let stays = self.workers.get(self.running).is_some_and(|status| status.can_go_on(self.progress));
        if stays && self.rng.below(self.pace.switch_one_in) != 0 {
            return Some(self.running);
        }
        let progress = self.progress;
        let able: Vec<usize> =
            (0..self.workers.len()).filter(|worker| self.workers[*worker].can_go_on(progress)).collect();
        let nth = self.rng.below(able.len() as u64) as usize;
        able.get(nth).copied()
    }

    /// Idle workers whose time has come (all of them, when the run ends) may go on.
    fn wake(&mut self, now_us: i64) {
        for status in &mut self.workers {
            if let Status::Idle { next_us, tick_us } = status {
                let due = |at: &Option<i64>| at.is_some_and(|at| at <= now_us);
                if self.stopping || due(next_us) || due(tick_us) {
                    *status = Status::Ready;
                }
            }
        }
    }

    fn note(&mut self, now_us: i64, text: impl FnOnce() -> String) {
        let worker = self.running;
        if let Some(trace) = &mut self.trace {
            let who = if worker == NOBODY { "-".to_owned() } else { format!("w{worker}") };
            trace.push(format!("{:>9} us {who} {}", now_us - START_US, text()));
        }
    }
}

impl Interleave for Scheduler {
    fn turn(&self) {
        let mut state = self.state.lock();
        let me = state.running;
        if me == NOBODY || (state.failure.is_some() && std::thread::panicking()) {
            return;
        }
        state.progress += 1;
        state.workers[me] = Status::Ready;
        self.switch(&mut state, me);
    }

    fn took(&self, id: ShardId) {
        let mut state = self.state.lock();
        let me = state.running;
        state.owners[usize::from(id)] = (me != NOBODY).then_some(me);
    }

    fn waits(&self, wanted: Wanted, gate: GateHeld) {
        let mut state = self.state.lock();
        let me = state.running;
        if state.failure.is_some() && std::thread::panicking() {
            drop(state);
            return std::thread::yield_now();
        }
        assert!(me != NOBODY, "{wanted:?} is held though nobody runs");
        state.note(self.now_us(), || format!("waits for {wanted:?}, gate {gate:?}"));
        let held = self.held_by(&state, me);
        if gate == GateHeld::No && !held.is_empty() {
            let text = format!("worker {me} waits for {wanted:?} without the gate, holding shards {held:?}");
            self.fail_locked(&mut state, text);
            return MutexGuard::unlocked(&mut state, panics::leave_run);
        }
        state.workers[me] = Status::Refused { progress: state.progress, wanted };
        self.switch(&mut state, me);
    }
}

impl Clock for Scheduler {
    fn wall_us(&self) -> i64 {
        self.now_us()
    }

    fn monotonic_ns(&self) -> u64 {
        (self.now_us() - START_US) as u64 * 1000
    }
}

/// Wakes a virtual worker for its mail.
pub(crate) struct Doorbell {
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) worker: usize,
}

impl Wake for Doorbell {
    fn wake(&self) {
        {
            let mut state = self.scheduler.state.lock();
            if let Status::Idle { .. } = state.workers[self.worker] {
                state.workers[self.worker] = Status::Ready;
            }
        }
        self.scheduler.turn();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two workers lock two shards, each in its own order, waiting in `second` while they hold the first.
    fn lock_crosswise(seed: u64, gated: bool) -> Option<String> {
        let pace = Pace { seed, switch_one_in: 1, tick_one_in: 8 };
        let scheduler = Scheduler::new(2, 2, pace, false);
        let shards = Arc::new(keyspace::Shards::<()>::new(2, 0, Some(scheduler.clone())));
        let threads = [[0, 1], [1, 0]].map(|order| {
            let (scheduler, shards) = (scheduler.clone(), shards.clone());
            let worker = usize::from(order[0]);
            std::thread::spawn(move || {
                let result = panics::catch(|| {
                    scheduler.join(worker);
                    if gated {
                        shards.acquire_gated(&order);
                    } else {
                        let _first = shards.lock(order[0]);
                        let _second = shards.lock(order[1]);
                    }
                });
                if let Err(Some(text)) = result {
                    scheduler.fail(text);
                }
                scheduler.done(worker);
            })
        });
        scheduler.start();
        for thread in threads {
            thread.join().expect("panics are caught");
        }
        scheduler.failure()
    }

    #[test]
    fn a_deadlock_is_found() {
        let found =
            (0..20).filter_map(|seed| lock_crosswise(seed, false)).any(|text| text.contains("deadlock"));
        assert!(found);
    }

    #[test]
    fn the_gate_prevents_it() {
        assert_eq!((0..20).find_map(|seed| lock_crosswise(seed, true)), None);
    }
}
