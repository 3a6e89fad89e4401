//! The arguments of one request: a borrowed view, and an owned copy for requests that are executed later.

use std::ops::{Bound, RangeBounds};

/// Where an argument stands, relative to the buffer of its [`Args`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

/// The arguments of a request, the command's name first. As cheap to copy as two slices.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    buf: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Args<'a> {
    /// A view of `spans` of `buf`. Spans that reach beyond `buf` panic when they are asked for.
    pub fn new(buf: &'a [u8], spans: &'a [Span]) -> Self {
        Self { buf, spans }
    }

    /// Number of arguments, the command's name included.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no argument, as in a view made by [`slice`](Self::slice).
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The argument at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.spans.get(index).map(|&span| self.bytes(span))
    }

    /// The argument at `index`.
    ///
    /// # Panics
    /// If there are not that many: for callers that have checked the arity.
    #[inline]
    pub fn at(&self, index: usize) -> &'a [u8] {
        self.bytes(self.spans[index])
    }

    /// The arguments in `range`; its ends are cut to what exists.
    #[inline]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.spans.len(),
        };
        let end = end.min(self.spans.len());
        Self { buf: self.buf, spans: &self.spans[start.min(end)..end] }
    }

    /// The arguments in order.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + Clone + use<'a> {
        let Self { buf, spans } = *self;
        spans.iter().map(move |&span| Self { buf, spans }.bytes(span))
    }

    /// Sum of the lengths of all arguments, in bytes.
    pub fn total_len(&self) -> usize {
        self.spans.iter().map(|span| span.len as usize).sum()
    }

    /// Bytes of a request with these arguments: an array of bulk strings, whatever form it was sent in.
    pub fn request_len(&self) -> usize {
        let counted = |mark: usize| 1 + mark.checked_ilog10().unwrap_or(0) as usize + 1 + 2;
        let args = self.spans.iter().map(|span| span.len as usize);
        counted(self.spans.len()) + args.map(|len| counted(len) + len + 2).sum::<usize>()
    }

    /// At least [`Self::request_len`], in fewer steps.
    #[inline]
    pub fn request_len_at_most(&self) -> usize {
        // A mark, ten digits at most and two line ends for each argument; the same for their number.
        self.total_len() + (self.len() + 1) * 15
    }

    /// A copy that doesn't borrow.
    pub fn to_owned(&self) -> OwnedArgs {
        let mut owned = OwnedArgs::with_capacity(self.len(), self.total_len());
        self.iter().for_each(|arg| owned.push(arg));
        owned
    }

    #[inline]
    fn bytes(&self, span: Span) -> &'a [u8] {
        &self.buf[span.start as usize..][..span.len as usize]
    }
}

impl std::fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|arg| arg.escape_ascii().to_string())).finish()
    }
}

impl PartialEq for Args<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Args<'_> {}

/// Arguments that own their bytes: those of queued and of blocked commands.
///
/// ```text
/// bytes  S E T k e y v a l u e
/// spans  0,3   3,3   6,5
/// ```
#[derive(Clone, Default)]
pub struct OwnedArgs {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl OwnedArgs {
    /// No arguments, with room for `count` of them and `bytes` bytes.
    pub fn with_capacity(count: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), spans: Vec::with_capacity(count) }
    }

    /// A copy of `args`.
    pub fn from_slices(args: &[&[u8]]) -> Self {
        let mut owned = Self::with_capacity(args.len(), args.iter().map(|arg| arg.len()).sum());
        args.iter().for_each(|arg| owned.push(arg));
        owned
    }

    /// Appends an argument.
    ///
    /// # Panics
    /// If all arguments together exceed 4 GiB.
    pub fn push(&mut self, arg: &[u8]) {
        let span = Span { start: self.bytes.len() as u32, len: arg.len() as u32 };
        self.bytes.extend_from_slice(arg);
        assert!(u32::try_from(self.bytes.len()).is_ok(), "arguments of more than 4 GiB");
        self.spans.push(span);
    }

    /// The arguments.
    #[inline]
    pub fn as_args(&self) -> Args<'_> {
        Args { buf: &self.bytes, spans: &self.spans }
    }

    /// Bytes of heap memory in use.
    pub fn heap_size(&self) -> usize {
        self.bytes.capacity() + self.spans.capacity() * size_of::<Span>()
    }
}

impl std::fmt::Debug for OwnedArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_args().fmt(f)
    }
}

impl PartialEq for OwnedArgs {
    fn eq(&self, other: &Self) -> bool {
        self.as_args() == other.as_args()
    }
}

impl Eq for OwnedArgs {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views() {
        let owned = OwnedArgs::from_slices(&[b"SET", b"key", b"", b"value"]);
        let args = owned.as_args();
        assert_eq!((args.len(), args.total_len()), (4, 11));
        assert_eq!(args.request_len(), b"*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n$5\r\nvalue\r\n".len());
        assert!(args.request_len_at_most() >= args.request_len());
        assert_eq!((args.at(0), args.get(3), args.get(4)), (&b"SET"[..], Some(&b"value"[..]), None));
        assert_eq!(args.slice(1..3).iter().collect::<Vec<_>>(), [&b"key"[..], b""]);
        assert_eq!(args.iter().next_back(), Some(&b"value"[..]));
        assert!(args.slice(4..).is_empty() && args.slice(9..).is_empty() && args.slice(..=9) == args);
        assert_eq!(args.slice(2..).to_owned(), OwnedArgs::from_slices(&[b"", b"value"]));
        assert_eq!(format!("{args:?}"), r#"["SET", "key", "", "value"]"#);
    }
}
