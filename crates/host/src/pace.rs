//! Background threads that give way to the workers: they have a lower priority, and they rest while the processors are
//! wanted by others.
//!
//! A priority alone isn't enough: a worker that sleeps for microseconds between requests would find a background thread on its
//! processor again and again, with its own data in the caches. So a thread that had to wait for a processor rests for some
//! multiple of the time that it ran. Where processors are free it never waits, and never rests.

use engine::Pace;
use std::io::Read;
use std::time::{Duration, Instant};

/// How much a background thread gives way: beside a busy worker it gets at most a seventh of the processor.
const NICENESS: i32 = 8;
/// How often a thread looks whether it has had to wait.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Rest for so many times the time that it ran.
const REST_FACTOR: u64 = 15;
const LONGEST_REST: Duration = Duration::from_millis(50);

/// What a thread had run and waited for when it last looked.
#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    schedule: Schedule,
}

/// Nanoseconds that a thread ran, and that it waited for a processor.
#[derive(Clone, Copy)]
struct Schedule {
    ran_ns: u64,
    waited_ns: u64,
}

/// Gives the calling thread the priority of the background.
pub(crate) fn become_background() {
    // On Linux a thread has a niceness of its own. Without it the thread does the same, at its neighbours' cost.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// The pace of a background thread.
pub(crate) struct Background {
    last: Look,
}

impl Background {
    /// Of the calling thread.
    pub(crate) fn new() -> Background {
        Background { last: Look::now() }
    }
}

impl Look {
    fn now() -> Look {
        Look { at: Instant::now(), schedule: schedule() }
    }
}

impl Pace for Background {
    fn give_way(&mut self) {
        if self.last.at.elapsed() < LOOK_EVERY {
            return;
        }
        let now = schedule();
        let ran_ns = now.ran_ns.saturating_sub(self.last.schedule.ran_ns);
        let waited_ns = now.waited_ns.saturating_sub(self.last.schedule.waited_ns);
        if waited_ns > ran_ns / 8 {
            std::thread::sleep(Duration::from_nanos(ran_ns * REST_FACTOR).min(LONGEST_REST));
        }
        self.last = Look::now();
    }
}

/// What the kernel says of the calling thread; zeroes where it doesn't: then the thread never rests.
fn schedule() -> Schedule {
    let mut text = String::new();
    let read = std::fs::File::open("/proc/thread-self/schedstat")
        .and_then(|mut file| file.read_to_string(&mut text));
    let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap_or(0));
    match read {
        Ok(_) => Schedule { ran_ns: numbers.next().unwrap_or(0), waited_ns: numbers.next().unwrap_or(0) },
        Err(_) => Schedule { ran_ns: 0, waited_ns: 0 },
    }
}
