//! Background threads that give way to the workers: they have a lower priority, and they rest while the processors are
//! wanted by others.
//!
//! A priority alone isn't enough: the kernel lets a thread that runs go on until its next tick, milliseconds during which
//! a worker that has just been woken waits, and a worker that sleeps for microseconds between requests would find a
//! background thread's data in the caches again and again. So a background thread works in short bursts and rests for some
//! multiple of each while a thread of the process has to wait for a processor. Where processors are free nobody waits,
//! and it never rests.

use engine::Pace;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// How much a background thread gives way: beside a busy worker it gets at most a seventh of the processor.
const NICENESS: i32 = 8;
/// How long a thread works before it looks whether somebody has had to wait.
const BURST: Duration = Duration::from_micros(250);
/// Rest for so many times the time that it ran.
const REST_FACTOR: u64 = 4;
const LONGEST_REST: Duration = Duration::from_millis(50);
/// How long processors count as wanted after somebody has had to wait. A thread that waits still isn't seen to wait, so one
/// look may find nobody.
const WANTED_FOR: Duration = Duration::from_millis(100);

/// Gives the calling thread the priority of the background.
pub(crate) fn become_background() {
    // On Linux a thread has a niceness of its own. Without it the thread does the same, at its neighbours' cost.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// The pace of a background thread.
pub(crate) struct Background {
    own: Thread,
    /// All threads that there are when it begins, the own one too.
    threads: Vec<Thread>,
    looked: Instant,
    wanted_until: Instant,
}

impl Background {
    /// Of the calling thread.
    pub(crate) fn new() -> Background {
        let now = Instant::now();
        let own = Thread::open(std::path::Path::new("/proc/thread-self"));
        Background { own, threads: all_threads(), looked: now, wanted_until: now }
    }
}

impl Pace for Background {
    fn give_way(&mut self) {
        if self.looked.elapsed() < BURST {
            return;
        }
        let ran_ns = self.own.look().ran_ns;
        // The longest wait, not all of them: each worker waits for a moment whenever it is woken.
        let waited_ns = self.threads.iter_mut().map(|thread| thread.look().waited_ns).max();
        let now = Instant::now();
        if waited_ns.is_some_and(|waited_ns| waited_ns > ran_ns / 8) {
            self.wanted_until = now + WANTED_FOR;
        }
        if now < self.wanted_until {
            std::thread::sleep(Duration::from_nanos(ran_ns.saturating_mul(REST_FACTOR)).min(LONGEST_REST));
        }
        self.looked = Instant::now();
    }
}

/// A thread whose schedule the kernel tells. Where it doesn't, the thread never runs or waits.
struct Thread {
    file: Option<File>,
    last: Schedule,
}

/// Nanoseconds that a thread ran, and that it waited for a processor.
#[derive(Clone, Copy, Default)]
struct Schedule {
    ran_ns: u64,
    waited_ns: u64,
}

impl Thread {
    /// The thread that this directory tells of.
    fn open(directory: &std::path::Path) -> Thread {
        let mut thread =
            Thread { file: File::open(directory.join("schedstat")).ok(), last: Schedule::default() };
        thread.look();
        thread
    }

    /// What it has done since the last look.
    fn look(&mut self) -> Schedule {
        let mut text = [0; 64];
        let read = self.file.as_ref().and_then(|file| file.read_at(&mut text, 0).ok()).unwrap_or(0);
        let mut numbers = std::str::from_utf8(&text[..read]).unwrap_or("").split_ascii_whitespace();
        let mut number = || numbers.next().and_then(|number| number.parse().ok());
        // A thread that has ended has done nothing more.
        let now = Schedule {
            ran_ns: number().unwrap_or(self.last.ran_ns),
            waited_ns: number().unwrap_or(self.last.waited_ns),
        };
        let last = std::mem::replace(&mut self.last, now);
        Schedule {
            ran_ns: now.ran_ns.saturating_sub(last.ran_ns),
            waited_ns: now.waited_ns.saturating_sub(last.waited_ns),
        }
    }
}

/// The threads of this process.
fn all_threads() -> Vec<Thread> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.map(|task| Thread::open(&task.path())).collect()
}
