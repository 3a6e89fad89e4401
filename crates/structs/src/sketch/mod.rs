//! HyperLogLog: about how many different elements a string has been told of, in at most 12 KiB. The form is that of
//! Redis, to the byte, so that values move between servers.
//!
//! ```text
//!  0    "HYLL"
//!  4    form: 0 dense, 1 sparse
//!  5    three bytes without a meaning
//!  8    the estimate last made, 64 bits, lowest byte first; the highest bit says that registers have changed since
//!  16   dense: 16384 registers of 6 bits, the lowest bit of the first byte first (dense.rs)
//!       sparse: runs of equal registers (sparse.rs)
//! ```
//!
//! An element's 64-bit hash chooses a register by its lowest 14 bits; the register keeps the greatest *rank*, one more than
//! the number of zeros that the rest of the hash begins with.
//!
//! The functions take bytes from anywhere: what is no HyperLogLog gives [`Corrupt`], never a panic.

mod dense;
mod estimate;
mod hash;
mod registers;
mod sparse;
#[cfg(test)]
mod tests;

pub use registers::Registers;

use dense::Dense;
use hash::Place;
use sparse::Raised;

/// Number of registers.
pub const REGISTERS: usize = 1 << INDEX_BITS;
/// Bits of a hash that choose a register.
const INDEX_BITS: u32 = 14;

const MAGIC: &[u8; 4] = b"HYLL";
const FORM_AT: usize = 4;
const ESTIMATE_AT: usize = 8;
const HEADER: usize = 16;
/// The bit of the estimate that says that it is out of date.
const STALE: u64 = 1 << 63;

/// How registers are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// 6 bits each.
    Dense,
    /// Runs.
    Sparse,
}

/// The bytes aren't a HyperLogLog's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Corrupt;

/// The form that the header states; `None` if it isn't a HyperLogLog's. The runs of a sparse one are not looked at. O(1).
pub fn form(bytes: &[u8]) -> Option<Form> {
    if bytes.len() < HEADER || !bytes.starts_with(MAGIC) {
        return None;
    }
    match bytes[FORM_AT] {
        0 => (bytes.len() == HEADER + dense::BYTES).then_some(Form::Dense),
        1 => Some(Form::Sparse),
        _ => None,
    }
}

/// One that has been told of nothing.
pub fn empty() -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes[..MAGIC.len()].copy_from_slice(MAGIC);
    bytes[FORM_AT] = 1;
    mark_stale(&mut bytes);
    sparse::push_zeros(&mut bytes, REGISTERS);
    bytes
}

/// The estimate last made, if no register has changed since.
///
/// # Panics
/// Unless the bytes have a [`form`].
pub fn estimate_kept(bytes: &[u8]) -> Option<u64> {
    let estimate = u64::from_le_bytes(*estimate_bytes(bytes));
    (estimate & STALE == 0).then_some(estimate)
}

/// How many elements it has been told of, about, from all registers. O(registers).
///
/// # Errors
/// [`Corrupt`].
///
/// # Panics
/// Unless the bytes have a [`form`].
pub fn estimate(bytes: &[u8]) -> Result<u64, Corrupt> {
    let mut ranks = estimate::Histogram::default();
    match form(bytes).expect("the caller has looked") {
        Form::Dense => dense::for_each(&bytes[HEADER..], |rank| ranks.add(rank, 1)),
        Form::Sparse => sparse::for_each(&bytes[HEADER..], |rank, times| ranks.add(rank, times))?,
    }
    Ok(ranks.estimate())
}

/// The header with `estimate` as the one last made.
///
/// # Panics
/// Unless the bytes have a [`form`].
pub fn with_estimate(bytes: &[u8], estimate: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header.copy_from_slice(&bytes[..HEADER]);
    header[ESTIMATE_AT..].copy_from_slice(&estimate.to_le_bytes());
    header
}

/// Whether telling a dense one of an element would change a register. O(1).
///
/// # Panics
/// Unless its [`form`] is dense.
#[inline]
pub fn is_news_to_dense(bytes: &[u8], element: &[u8]) -> bool {
    let Place { index, rank } = Place::of(element);
    dense::rank_at(&bytes[HEADER..], index) < rank
}

/// Tells a dense one, in place, of an element: whether a register has changed. The estimate is out of date then, which
/// [`mark_stale`] is to note. O(1).
///
/// # Panics
/// Unless its [`form`] is dense.
#[inline]
pub fn add_dense(bytes: &mut [u8], element: &[u8]) -> bool {
    let Place { index, rank } = Place::of(element);
    Dense(&mut bytes[HEADER..]).raise(index, rank)
}

/// Notes that registers have changed since the estimate was made.
///
/// # Panics
/// Unless the bytes have a header's length.
pub fn mark_stale(bytes: &mut [u8]) {
    bytes[HEADER - 1] |= 1 << 7;
}

/// Tells one of an element: whether a register has changed. A sparse one that would outgrow `sparse_bytes`, header
/// included, becomes dense. O(length) for a sparse one.
///
/// # Errors
/// [`Corrupt`].
///
/// # Panics
/// Unless the bytes have a [`form`].
pub fn add(bytes: &mut Vec<u8>, element: &[u8], sparse_bytes: usize) -> Result<bool, Corrupt> {
    let Place { index, rank } = Place::of(element);
    raise(bytes, index, rank, sparse_bytes)
}

/// Raises a register to `rank`, as [`add`] does it for the element's.
fn raise(bytes: &mut Vec<u8>, index: usize, rank: u8, sparse_bytes: usize) -> Result<bool, Corrupt> {
    let changed = match form(bytes).expect("the caller has looked") {
        Form::Dense => Dense(&mut bytes[HEADER..]).raise(index, rank),
        Form::Sparse => match sparse::raise(bytes, index, rank, sparse_bytes)? {
            Raised::No => false,
            Raised::Yes => true,
            Raised::NoRoom => {
                make_dense(bytes)?;
                Dense(&mut bytes[HEADER..]).raise(index, rank)
            }
        },
    };
    if changed {
        mark_stale(bytes);
    }
    Ok(changed)
}

/// Makes a sparse one dense.
///
/// # Errors
/// [`Corrupt`]: then it is as it was.
///
/// # Panics
/// Unless the bytes have a [`form`].
pub fn make_dense(bytes: &mut Vec<u8>) -> Result<(), Corrupt> {
    if form(bytes) == Some(Form::Dense) {
        return Ok(());
    }
    let registers = Registers::of(bytes)?;
    bytes.truncate(HEADER);
    bytes[FORM_AT] = 0;
    dense::push(registers.ranks(), bytes);
    Ok(())
}

/// The runs of a sparse one as words: `Z:n` for n registers of 0, `v:r,n` for n registers of rank r.
///
/// # Errors
/// [`Corrupt`].
///
/// # Panics
/// Unless its [`form`] is sparse.
pub fn describe_runs(bytes: &[u8]) -> Result<String, Corrupt> {
    sparse::describe(&bytes[HEADER..])
}

fn estimate_bytes(bytes: &[u8]) -> &[u8; 8] {
    bytes[ESTIMATE_AT..].first_chunk().expect("a header")
}
