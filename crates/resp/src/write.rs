//! Replies, and requests, to bytes.

use base::num::F64Buffer;

/// The dialect a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proto {
    /// The one every connection starts with.
    #[default]
    Resp2,
    /// Chosen with `HELLO 3`: maps, sets, doubles, booleans, nulls, pushes.
    Resp3,
}

/// Marks and a number with the line end: `$16\r\n`. Room for the largest 64-bit number.
const MAX_HEADER: usize = 1 + 20 + 2;

/// The lines of small numbers are looked up.
const SMALL: usize = 1024;

/// Bytes of an entry of [`SMALL_LINES`]: written whole and then cut, which is faster than copying only its text.
const ENTRY: usize = 8;

/// For each small number a line with an empty mark (`?16\r\n`), and in the last byte the line's length.
static SMALL_LINES: [[u8; ENTRY]; SMALL] = small_lines();

const fn small_lines() -> [[u8; ENTRY]; SMALL] {
    let mut lines = [[0; ENTRY]; SMALL];
    let mut number = 0;
    while number < SMALL {
        let mut at = 1;
        let mut power = match number {
            0 => 1,
            _ => 10_usize.pow(number.ilog10()),
        };
        while power > 0 {
            lines[number][at] = b'0' + (number / power % 10) as u8;
            at += 1;
            power /= 10;
        }
        lines[number][at] = b'\r';
        lines[number][at + 1] = b'\n';
        lines[number][ENTRY - 1] = at as u8 + 2;
        number += 1;
    }
    lines
}

/// Appends `mark`, `number` and a line end.
#[inline]
fn push_line(out: &mut Vec<u8>, mark: u8, number: usize) {
    let Some(entry) = SMALL_LINES.get(number) else { return push_long_line(out, mark, number) };
    let mut line = *entry;
    line[0] = mark;
    let end = out.len() + usize::from(line[ENTRY - 1]);
    out.extend_from_slice(&line);
    out.truncate(end);
}

fn push_long_line(out: &mut Vec<u8>, mark: u8, number: usize) {
    out.reserve(MAX_HEADER);
    out.push(mark);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[inline]
fn push_bulk(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(MAX_HEADER + bytes.len() + 2);
    push_line(out, b'$', bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

/// Appends a request: an array of bulk strings.
pub fn push_command(out: &mut Vec<u8>, args: &[&[u8]]) {
    push_command_head(out, args.len(), args);
}

/// Appends the beginning of a request of so many words: the first of them. The others follow by [`push_word`].
pub fn push_command_head(out: &mut Vec<u8>, words: usize, first: &[&[u8]]) {
    push_line(out, b'*', words);
    first.iter().for_each(|word| push_bulk(out, word));
}

/// Appends a word of a request.
pub fn push_word(out: &mut Vec<u8>, word: &[u8]) {
    push_bulk(out, word);
}

/// Appends what stands before a word of so many bytes; they and a line end are to follow.
pub fn push_word_head(out: &mut Vec<u8>, bytes: usize) {
    push_line(out, b'$', bytes);
}

/// Appends replies to a buffer in the client's dialect. Each method writes one item; an aggregate is its header
/// followed by its items.
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    proto: Proto,
}

/// A place in the output where a header is still missing: see [`Writer::mark`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a header must be inserted here"]
pub struct Mark(usize);

impl<'a> Writer<'a> {
    /// A writer at the end of `out`.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>, proto: Proto) -> Self {
        Self { out, proto }
    }

    /// The client's dialect.
    #[inline]
    pub fn proto(&self) -> Proto {
        self.proto
    }

    /// Writes what follows in another dialect.
    #[inline]
    pub fn set_proto(&mut self, proto: Proto) {
        self.proto = proto;
    }

    /// The buffer, for replies that exist as bytes already.
    #[inline]
    pub fn raw(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// A short status without line ends, such as `OK`.
    #[inline]
    pub fn simple(&mut self, text: &str) {
        self.out.reserve(text.len() + 3);
        self.out.push(b'+');
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// An error: its code and its message, such as `ERR syntax error`. Line ends become spaces.
    pub fn error(&mut self, text: &[u8]) {
        self.out.reserve(text.len() + 3);
        self.out.push(b'-');
        self.out.extend(text.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }));
        self.out.extend_from_slice(b"\r\n");
    }

    /// An integer.
    #[inline]
    pub fn int(&mut self, value: i64) {
        match usize::try_from(value) {
            Ok(value) => push_line(self.out, b':', value),
            Err(_) => self.text_line(b':', itoa::Buffer::new().format(value).as_bytes()),
        }
    }

    /// An integer that may be beyond what clients take for one: it is a big number then.
    pub fn unsigned(&mut self, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.int(value),
            Err(_) => self.big_number(itoa::Buffer::new().format(value).as_bytes()),
        }
    }

    /// A string of any bytes.
    #[inline]
    pub fn bulk(&mut self, bytes: &[u8]) {
        push_bulk(self.out, bytes);
    }

    /// A string made of parts.
    #[inline]
    pub fn bulk_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
        let len = parts.iter().map(|part| part.len()).sum();
        self.out.reserve(MAX_HEADER + len + 2);
        push_line(self.out, b'$', len);
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
        self.out.extend_from_slice(b"\r\n");
    }

    /// An integer as a string.
    #[inline]
    pub fn bulk_int(&mut self, value: i64) {
        push_bulk(self.out, itoa::Buffer::new().format(value).as_bytes());
    }

    /// The absence of a value: `$-1` or `_`.
    #[inline]
    pub fn null(&mut self) {
        self.out.extend_from_slice(match self.proto {
            Proto::Resp2 => b"$-1\r\n".as_slice(),
            Proto::Resp3 => b"_\r\n",
        });
    }

    /// The absence of an array: `*-1` or `_`.
    #[inline]
    pub fn null_array(&mut self) {
        self.out.extend_from_slice(match self.proto {
            Proto::Resp2 => b"*-1\r\n".as_slice(),
            Proto::Resp3 => b"_\r\n",
        });
    }

    /// The header of `len` items.
    #[inline]
    pub fn array(&mut self, len: usize) {
        push_line(self.out, b'*', len);
    }

    /// The header of `pairs` keys, each followed by its value; an array of both in RESP2.
    #[inline]
    pub fn map(&mut self, pairs: usize) {
        match self.proto {
            Proto::Resp2 => push_line(self.out, b'*', pairs * 2),
            Proto::Resp3 => push_line(self.out, b'%', pairs),
        }
    }

    /// The header of `len` distinct items; an array in RESP2.
    #[inline]
    pub fn set(&mut self, len: usize) {
        push_line(self.out, self.pick(b'*', b'~'), len);
    }

    /// The header of a message of `len` items that answers no request; an array in RESP2.
    #[inline]
    pub fn push(&mut self, len: usize) {
        push_line(self.out, self.pick(b'*', b'>'), len);
    }

    /// The header of `pairs` keys and values that accompany the reply after them. Only RESP3 has them: in RESP2 the
    /// caller leaves them out.
    #[inline]
    pub fn attribute(&mut self, pairs: usize) {
        debug_assert_eq!(self.proto, Proto::Resp3, "attributes don't exist in RESP2");
        push_line(self.out, b'|', pairs);
    }

    /// A truth value: `:1`, `:0` or `#t`, `#f`.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(match (self.proto, value) {
            (Proto::Resp2, true) => b":1\r\n",
            (Proto::Resp2, false) => b":0\r\n",
            (Proto::Resp3, true) => b"#t\r\n",
            (Proto::Resp3, false) => b"#f\r\n",
        });
    }

    /// A number; its text as a string in RESP2.
    pub fn double(&mut self, value: f64) {
        let mut buffer = F64Buffer::new();
        let text = buffer.format(value);
        match self.proto {
            Proto::Resp2 => push_bulk(self.out, text),
            Proto::Resp3 => self.text_line(b',', text),
        }
    }

    /// An integer of any size, given as its decimal text; a string in RESP2.
    pub fn big_number(&mut self, digits: &[u8]) {
        match self.proto {
            Proto::Resp2 => push_bulk(self.out, digits),
            Proto::Resp3 => self.text_line(b'(', digits),
        }
    }

    /// A text in the format named by three letters (`txt`, `mkd`); a string in RESP2.
    pub fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        if self.proto == Proto::Resp2 {
            return push_bulk(self.out, text);
        }
        self.out.reserve(MAX_HEADER + text.len() + 6);
        push_line(self.out, b'=', text.len() + 4);
        self.out.extend_from_slice(&format);
        self.out.push(b':');
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }

    /// A writer that appends to the same reply, for as long as this one isn't used.
    #[inline]
    pub fn reborrow(&mut self) -> Writer<'_> {
        Writer { out: self.out, proto: self.proto }
    }

    /// Remembers this place, for an aggregate whose number of items is known only after they are written.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark(self.out.len())
    }

    /// Inserts the header that `header` writes at `mark`, moving what was written since. When several headers are
    /// missing, the last one is inserted first, so that the other marks stay valid.
    pub fn insert(&mut self, mark: Mark, header: impl FnOnce(&mut Writer<'_>)) {
        let end = self.out.len();
        header(self);
        let width = self.out.len() - end;
        self.out[mark.0..].rotate_right(width);
    }

    #[inline]
    fn pick(&self, resp2: u8, resp3: u8) -> u8 {
        match self.proto {
            Proto::Resp2 => resp2,
            Proto::Resp3 => resp3,
        }
    }

    fn text_line(&mut self, mark: u8, text: &[u8]) {
        self.out.reserve(text.len() + 3);
        self.out.push(mark);
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }
}
