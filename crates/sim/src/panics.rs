//! Panics of virtual workers: caught, and turned into a finding with message and place instead of being printed.

use crate::scheduler::Aborted;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::Once;

thread_local! {
    /// The last panic of this thread, if it is one whose panics are caught here.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
    static CATCHES: RefCell<bool> = const { RefCell::new(false) };
}

/// Runs `act`; a panic becomes its text. A thread that left a failed run ([`leave_run`]) answers none.
pub(crate) fn catch<T>(act: impl FnOnce() -> T) -> Result<T, Option<String>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(install);
    CATCHES.set(true);
    let result = catch_unwind(AssertUnwindSafe(act));
    CATCHES.set(false);
    result.map_err(|payload| text_of(&*payload))
}

/// Leaves a run that has failed elsewhere: unwinds the calling thread up to [`catch`].
pub(crate) fn leave_run() {
    if !std::thread::panicking() {
        resume_unwind(Box::new(Aborted));
    }
}

fn text_of(payload: &(dyn Any + Send)) -> Option<String> {
    if payload.is::<Aborted>() {
        return None;
    }
    Some(CAUGHT.take().unwrap_or_else(|| "a panic without a message".into()))
}

fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if CATCHES.with_borrow(|catches| *catches) {
            CAUGHT.set(Some(format!("panic: {info}")));
        } else {
            before(info);
        }
    }));
}
