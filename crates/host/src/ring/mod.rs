//! The I/O edge by io_uring: input arrives without a call per connection, and the output of a turn goes out with the one
//! call that also waits.
//!
//! The kernel works for this ring only inside of calls that its worker makes (`DEFER_TASKRUN`), and output is sent without
//! waiting for room: it has gone out or not when the call that submits it returns. [`Ring::wait`] makes use of that and
//! doesn't return for the completions of sending alone, but memory is safe without it: output stays in the ring until its
//! completion.
//!
//! Operations name sockets by their numbers, which are looked up when they are submitted: [`Ring::submit`] comes before
//! any socket is closed.

mod buffers;

pub(crate) use buffers::{BUFFER_BYTES, Input};
use buffers::{BUFFERS, InputBuffers};
use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::io::Errno;
use slab::Slab;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// Operations that one call submits; one more makes a call of its own.
const SUBMISSIONS: u32 = 1024;
/// Completions between two looks at them: more than a call's operations and all buffers; what exceeds it is kept by the
/// kernel.
const COMPLETIONS: u32 = 4096;
/// The only group of buffers.
const GROUP: u16 = 0;
/// Longest output given to the kernel at once.
const SEND_BYTES: usize = 1 << 30;

/// The longest time in which nobody looks whether output was sent wholly. Only small output, which nearly always is, goes
/// through the ring, so this matters little to clients; and looking costs a turn.
const SETTLE: Duration = Duration::from_millis(5);

/// Whose an operation is: a connection's place, and the lower bits of its client's number. Completions that are late
/// don't reach the connection that has taken the place since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owner {
    token: u32,
    mark: u32,
}

const MARK_BITS: u32 = 28;

impl Owner {
    pub(crate) fn new(token: usize, client_id: u64) -> Owner {
        Owner { token: token as u32, mark: client_id as u32 & ((1 << MARK_BITS) - 1) }
    }

    /// The place.
    pub(crate) fn token(self) -> usize {
        self.token as usize
    }
}

/// What has become of an operation.
pub(crate) enum Completion {
    /// Input has arrived. More will, or (not `armed`) receiving has to be asked for again.
    Received { owner: Owner, input: Input, armed: bool },
    /// No more input arrives: the other side has closed (`Ok`), or this error came instead.
    Ended { owner: Owner, result: Result<(), Errno> },
    /// Output comes back, with the number of its bytes that were sent.
    Sent { owner: Owner, output: Vec<u8>, sent: Result<usize, Errno> },
}

/// The kinds of operation, in the upper bits of the number that comes back with a completion:
///
/// ```text
/// | 63..60 kind | 59..32 mark | 31..0 token            |   receive
/// | 63..60 kind |             | 31..0 place in `sends` |   send
/// ```
#[derive(Clone, Copy)]
#[repr(u64)]
enum Kind {
    Receive,
    Send,
    Watch,
    Cancel,
}

const KIND_SHIFT: u32 = 60;

impl Kind {
    fn data(self, rest: u64) -> u64 {
        (self as u64) << KIND_SHIFT | rest
    }

    fn of(data: u64) -> Kind {
        match data >> KIND_SHIFT {
            0 => Kind::Receive,
            1 => Kind::Send,
            2 => Kind::Watch,
            _ => Kind::Cancel,
        }
    }
}

fn receive_data(owner: Owner) -> u64 {
    Kind::Receive.data(u64::from(owner.mark) << 32 | u64::from(owner.token))
}

/// Output that the kernel may be reading.
struct Sending {
    owner: Owner,
    output: Vec<u8>,
}

/// An io_uring with its buffers. Made anywhere, used by one thread.
pub(crate) struct Ring {
    uring: IoUring,
    /// Freed when no operation is left that could write to them.
    buffers: ManuallyDrop<InputBuffers>,
    sends: Slab<Sending>,
    /// Operations whose last completion hasn't been seen.
    in_flight: usize,
    /// Those of them that are cancellations or send, and therefore complete within the call that submits them.
    prompt: usize,
    /// What was completed while submissions needed room.
    early: Vec<Completion>,
    /// Whether the watched poller is readable.
    ready: bool,
}

impl Ring {
    /// A ring that is yet to be [enabled](Ring::enable).
    ///
    /// # Errors
    /// When the kernel is too old (Linux 6.1 has all of it) or forbids io_uring, as containers often do.
    pub(crate) fn new() -> io::Result<Ring> {
        let uring = IoUring::builder()
            .setup_single_issuer()
            .setup_coop_taskrun()
            .setup_defer_taskrun()
            .setup_r_disabled()
            .setup_cqsize(COMPLETIONS)
            .build(SUBMISSIONS)?;
        let buffers = InputBuffers::new();
        // SAFETY: the ring of buffers has BUFFERS entries and lives until nothing uses it, see `drop`.
        unsafe { uring.submitter().register_buf_ring_with_flags(buffers.address(), BUFFERS, GROUP, 0)? };
        let buffers = ManuallyDrop::new(buffers);
        Ok(Ring {
            uring,
            buffers,
            sends: Slab::new(),
            in_flight: 0,
            prompt: 0,
            early: Vec::new(),
            ready: false,
        })
    }

    /// Makes the calling thread the one that uses the ring.
    pub(crate) fn enable(&self) -> io::Result<()> {
        self.uring.submitter().register_enable_rings()
    }

    /// Receives whatever arrives at a socket, until it ends or is cancelled.
    pub(crate) fn receive(&mut self, socket: impl AsFd, owner: Owner) {
        let operation = opcode::RecvMulti::new(descriptor(socket), GROUP);
        // SAFETY: the operation refers to no memory but the buffers, which outlive it. The kernel holds the socket.
        unsafe { self.start(&operation.build().user_data(receive_data(owner))) }
    }

    /// Has receiving end: its last completion is [`Completion::Ended`].
    pub(crate) fn stop_receiving(&mut self, owner: Owner) {
        let operation = opcode::AsyncCancel::new(receive_data(owner));
        self.prompt += 1;
        // SAFETY: the operation refers to no memory.
        unsafe { self.start(&operation.build().user_data(Kind::Cancel.data(0))) }
    }

    /// Sends what the socket takes of `output`, which comes back with [`Completion::Sent`].
    pub(crate) fn send(&mut self, socket: impl AsFd, owner: Owner, output: Vec<u8>) {
        let (start, bytes) = (output.as_ptr(), output.len().min(SEND_BYTES) as u32);
        let place = self.sends.insert(Sending { owner, output });
        let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        let operation = opcode::Send::new(descriptor(socket), start, bytes).flags(flags);
        self.prompt += 1;
        // SAFETY: `sends` keeps the bytes, at their place and unchanged, until the completion (a vector that moves leaves
        // its bytes where they are).
        unsafe { self.start(&operation.build().user_data(Kind::Send.data(place as u64))) }
    }

    /// Has [`Ring::wait`] return when `poller` is readable, once.
    pub(crate) fn watch(&mut self, poller: impl AsFd) {
        let operation = opcode::PollAdd::new(descriptor(poller), libc::POLLIN as u32);
        // SAFETY: the operation refers to no memory.
        unsafe { self.start(&operation.build().user_data(Kind::Watch.data(0))) }
    }

    /// # Safety
    /// What the operation refers to stays until its last completion.
    unsafe fn start(&mut self, operation: &squeue::Entry) {
        self.in_flight += 1;
        // SAFETY: as the caller says.
        while unsafe { self.uring.submission().push(operation) }.is_err() {
            self.submit();
            self.collect_early();
        }
    }

    fn collect_early(&mut self) {
        let mut early = std::mem::take(&mut self.early);
        self.collect(&mut early);
        self.early = early;
    }

    /// Submits what was asked for: from now on it doesn't matter whether its sockets are closed.
    pub(crate) fn submit(&mut self) {
        while !self.uring.submission().is_empty() {
            if let Err(error) = self.uring.submit() {
                match error.raw_os_error() {
                    // There was no room for completions, or no memory for the moment.
                    Some(libc::EBUSY | libc::EAGAIN | libc::EINTR) => self.collect_early(),
                    _ => panic!("submitting to io_uring failed: {error}"),
                }
            }
        }
    }

    /// Submits what was asked for and waits until something is completed or the time is up. Answers whether the watched
    /// poller is readable.
    ///
    /// # Errors
    /// Of the call; never because of one operation.
    pub(crate) fn wait(&mut self, timeout: Duration, completions: &mut Vec<Completion>) -> io::Result<bool> {
        completions.append(&mut self.early);
        let timeout = match () {
            () if !completions.is_empty() || self.ready => Duration::ZERO,
            () if !self.sends.is_empty() => timeout.min(SETTLE),
            () => timeout,
        };
        let timeout = types::Timespec::from(timeout);
        let arguments = types::SubmitArgs::new().timespec(&timeout);
        if let Err(error) = self.uring.submitter().submit_with_args(self.prompt + 1, &arguments) {
            match error.raw_os_error() {
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => {}
                _ => return Err(error),
            }
        }
        self.collect(completions);
        Ok(std::mem::take(&mut self.ready))
    }

    /// Takes all completions.
    fn collect(&mut self, completions: &mut Vec<Completion>) {
        for entry in self.uring.completion() {
            let (data, flags) = (entry.user_data(), entry.flags());
            let result = match entry.result() {
                failed if failed < 0 => Err(Errno::from_raw_os_error(-failed)),
                count => Ok(count as usize),
            };
            let armed = cqueue::more(flags);
            let kind = Kind::of(data);
            self.in_flight -= usize::from(!armed);
            self.prompt -= usize::from(matches!(kind, Kind::Send | Kind::Cancel));
            match kind {
                Kind::Receive => {
                    let owner =
                        Owner { token: data as u32, mark: (data >> 32) as u32 & ((1 << MARK_BITS) - 1) };
                    let result = result.map(|bytes| (bytes, cqueue::buffer_select(flags)));
                    completions.push(received(&mut self.buffers, owner, armed, result));
                }
                Kind::Send => {
                    let Sending { owner, output } = self.sends.remove(data as u32 as usize);
                    completions.push(Completion::Sent { owner, output, sent: result });
                }
                Kind::Watch => self.ready = true,
                Kind::Cancel => {}
            }
        }
    }

    /// The bytes of an input.
    pub(crate) fn read(&self, input: &Input) -> &[u8] {
        self.buffers.read(input)
    }

    /// An input has been looked at. The kernel gets the buffer with [`Ring::publish`].
    pub(crate) fn give_back(&mut self, input: Input) {
        self.buffers.give_back(input);
    }

    /// Lets the kernel use the buffers that were given back.
    pub(crate) fn publish(&self) {
        self.buffers.publish();
    }

    /// Ends all operations.
    fn end_all(&mut self) -> io::Result<()> {
        let operation = opcode::AsyncCancel2::new(types::CancelBuilder::any());
        self.prompt += 1;
        // SAFETY: the operation refers to no memory.
        unsafe { self.start(&operation.build().user_data(Kind::Cancel.data(0))) }
        let mut completions = Vec::new();
        while self.in_flight > 0 {
            self.uring.submit_and_wait(1)?;
            self.collect(&mut completions);
            completions.clear();
        }
        Ok(())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if self.in_flight > 0 && self.end_all().is_err() {
            // The kernel may still use them: better lost than used by others.
            std::mem::forget(std::mem::take(&mut self.sends));
            return;
        }
        let _ = self.uring.submitter().unregister_buf_ring(GROUP);
        // SAFETY: no operation is left, and `buffers` isn't used again.
        unsafe { ManuallyDrop::drop(&mut self.buffers) }
    }
}

fn descriptor(socket: impl AsFd) -> types::Fd {
    types::Fd(socket.as_fd().as_raw_fd())
}

/// What the completion of a receiving says.
fn received(
    buffers: &mut InputBuffers,
    owner: Owner,
    armed: bool,
    result: Result<(usize, Option<u16>), Errno>,
) -> Completion {
    let (bytes, buffer) = match result {
        Ok(arrived) => arrived,
        Err(error) => return Completion::Ended { owner, result: Err(error) },
    };
    // SAFETY: the kernel has just said so.
    let input = buffer.map(|buffer| unsafe { buffers.arrived(buffer, bytes) });
    match input {
        Some(input) if bytes > 0 => Completion::Received { owner, input, armed },
        unused => {
            unused.into_iter().for_each(|input| buffers.give_back(input));
            Completion::Ended { owner, result: Ok(()) }
        }
    }
}
