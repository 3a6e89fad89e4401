//! LZF, the compression of strings: literal runs and references to at most 8 KiB back.
//!
//! ```text
//! 000lllll + l+1 bytes                          those bytes
//! lllooooo oooooooo            l = 1..6         l+2 bytes from o+1 back
//! 111ooooo llllllll oooooooo                    l+9 bytes from o+1 back
//! ```
//!
//! Made from the format's description; what is written differs from liblzf's output, what is read doesn't.

/// Most bytes of a literal run.
const RUN_MAX: usize = 1 << 5;
/// Least and most bytes of a reference.
const MATCH_MIN: usize = 3;
const MATCH_MAX: usize = 264;
/// How far back a reference may reach.
const REACH: usize = 1 << 13;
/// A reference of two bytes in front of its length stands for lengths below this.
const SHORT_MATCH: usize = 9;
/// Most bytes that a byte of input can become: three make 264.
const EXPANSION_MAX: usize = 88;

/// Slots of the table of places, as a power of two.
const TABLE_BITS: u32 = 14;
/// After so many bytes (as a power of two) without a match, every further one is skipped.
const PATIENCE_BITS: usize = 6;

/// Expands `bytes`; `None` unless that gives exactly `len` bytes.
pub(crate) fn expand(bytes: &[u8], len: usize) -> Option<Vec<u8>> {
    if len / EXPANSION_MAX > bytes.len() {
        return None;
    }
    let mut out = Vec::with_capacity(len);
    let mut rest = bytes;
    while let Some((&control, after)) = rest.split_first() {
        let control = usize::from(control);
        if control < RUN_MAX {
            let (run, after) = after.split_at_checked(control + 1)?;
            out.extend_from_slice(run);
            rest = after;
        } else {
            let (size, after) = match control >> 5 {
                7 => after.split_first().map(|(&more, after)| (SHORT_MATCH + usize::from(more), after))?,
                short => (short + 2, after),
            };
            let (&low, after) = after.split_first()?;
            repeat(&mut out, (control & 0x1F) << 8 | usize::from(low), size)?;
            rest = after;
        }
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len).then_some(out)
}

/// Appends `size` bytes that stand `back` + 1 bytes before the end, or will.
fn repeat(out: &mut Vec<u8>, back: usize, size: usize) -> Option<()> {
    let start = out.len().checked_sub(back + 1)?;
    let mut left = size;
    while left > 0 {
        // What was appended repeats what it was taken from, so each round has twice as much to take.
        let count = left.min(out.len() - start);
        out.extend_from_within(start..start + count);
        left -= count;
    }
    Some(())
}

/// Compresses one string after the other, with one table for all.
pub(crate) struct Compressor {
    /// Where three bytes with a hash were last seen: offset plus `base`. What is below `base` is of strings before.
    places: Vec<u32>,
    base: u32,
    out: Vec<u8>,
}

impl Compressor {
    pub(crate) fn new() -> Self {
        Compressor { places: Vec::new(), base: 1, out: Vec::new() }
    }

    /// Makes room for offsets of a string of this length.
    fn begin(&mut self, len: u32) {
        if self.places.is_empty() || self.base.checked_add(len).is_none() {
            self.places = vec![0; 1 << TABLE_BITS];
            self.base = 1;
        }
        self.out.clear();
    }

    /// Compresses `bytes`; `None` if that takes more than `limit` bytes.
    pub(crate) fn compress(&mut self, bytes: &[u8], limit: usize) -> Option<&[u8]> {
        let len = u32::try_from(bytes.len()).ok().filter(|&len| len < u32::MAX)?;
        self.begin(len);
        let (mut at, mut written) = (0, 0);
        while let Some(&[a, b, c]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            match self.note(a, b, c, at).filter(|start| bytes[*start..].starts_with(&[a, b, c])) {
                Some(start) => {
                    let size = MATCH_MIN + common(&bytes[start + MATCH_MIN..], &bytes[at + MATCH_MIN..]);
                    self.push_run(&bytes[written..at]);
                    self.push_match(at - start - 1, size);
                    at += size;
                    written = at;
                    if self.out.len() > limit {
                        break;
                    }
                }
                None => at += 1 + ((at - written) >> PATIENCE_BITS),
            }
        }
        self.push_run(&bytes[written..]);
        self.base += len;
        (self.out.len() <= limit).then_some(&self.out)
    }

    /// Notes where three bytes stand, and returns where such ones (probably) stood before, within reach.
    #[inline]
    fn note(&mut self, a: u8, b: u8, c: u8, at: usize) -> Option<usize> {
        let hash = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1) >> (u32::BITS - TABLE_BITS);
        let before = std::mem::replace(&mut self.places[hash as usize], self.base + at as u32);
        let start = before.checked_sub(self.base)? as usize;
        (at - start <= REACH).then_some(start)
    }

    fn push_run(&mut self, bytes: &[u8]) {
        for run in bytes.chunks(RUN_MAX) {
            self.out.push((run.len() - 1) as u8);
            self.out.extend_from_slice(run);
        }
    }

    #[inline]
    fn push_match(&mut self, back: usize, size: usize) {
        let (high, low) = ((back >> 8) as u8, back as u8);
        if size < SHORT_MATCH {
            self.out.extend_from_slice(&[((size - 2) as u8) << 5 | high, low]);
        } else {
            self.out.extend_from_slice(&[7 << 5 | high, (size - SHORT_MATCH) as u8, low]);
        }
    }
}

/// Number of equal bytes at the start of both, at most what a reference holds beyond its least size.
#[inline]
fn common(left: &[u8], right: &[u8]) -> usize {
    const MOST: usize = MATCH_MAX - MATCH_MIN;
    let len = right.len().min(MOST);
    let (left, right) = (&left[..len], &right[..len]);
    let (left_words, _) = left.as_chunks::<8>();
    let (right_words, _) = right.as_chunks::<8>();
    for (index, (left, right)) in left_words.iter().zip(right_words).enumerate() {
        let difference = u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
        if difference != 0 {
            return index * 8 + difference.trailing_zeros() as usize / 8;
        }
    }
    let compared = left_words.len() * 8;
    let rest = left[compared..].iter().zip(&right[compared..]);
    compared + rest.take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_may_overlap_what_they_make() {
        assert_eq!(expand(b"\x01ab\x60\x01", 7), Some(b"abababa".to_vec()));
        assert_eq!(expand(b"\x00a\xE0\xFF\x00", 265), Some(vec![b'a'; 265]));
    }

    #[test]
    fn what_is_not_compressed_bytes_is_refused() {
        let cases: [(&[u8], usize); 8] = [
            (b"\x01a", 2),
            (b"\x20\x00", 3),
            (b"\x00a\x20", 4),
            (b"\x00a\xE0", 9),
            (b"\x00a\x20\x01", 4),
            (b"\x00a\x20\x00", 3),
            (b"\x00a\x20\x00", 5),
            (b"", 1 << 40),
        ];
        for (bytes, len) in cases {
            assert_eq!(expand(bytes, len), None, "{bytes:?}");
        }
        assert_eq!(expand(b"", 0), Some(vec![]));
    }

    #[test]
    fn repetitions_become_small() {
        let text: Vec<u8> = b"a few words, ".repeat(1000);
        let mut compressor = Compressor::new();
        let small = compressor.compress(&text, text.len()).expect("it is compressible").to_vec();
        assert!(small.len() < 200, "{}", small.len());
        assert_eq!(expand(&small, text.len()), Some(text));
        assert_eq!(compressor.compress(&[1, 2, 3, 4], 4), None);
    }

    proptest! {
        #[test]
        fn expanding_undoes_compressing(
            texts in prop::collection::vec(
                prop::collection::vec((prop::collection::vec(0u8..4, 1..20), 1usize..60), 0..60),
                1..4,
            ),
        ) {
            let mut compressor = Compressor::new();
            for parts in texts {
                let text: Vec<u8> = parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect();
                let small = compressor.compress(&text, usize::MAX).expect("no limit").to_vec();
                prop_assert_eq!(expand(&small, text.len()), Some(text));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, len in 0usize..100_000) {
            if let Some(text) = expand(&bytes, len) {
                prop_assert_eq!(text.len(), len);
            }
        }
    }
}
