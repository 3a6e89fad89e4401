//! A handler's one reply, consumed by value: whoever has a [`Done`] has answered exactly once.

use crate::park::Park;
use keyspace::Str;
use resp::{Mark, Proto, Writer};

/// The right to answer once.
pub struct Reply<'a> {
    writer: Writer<'a>,
}

/// Proof of an answer, or of being parked until there is one.
#[must_use]
pub struct Done(pub(crate) Option<Box<Park>>);

impl Done {
    const REPLIED: Done = Done(None);

    /// What to park, if the command blocks.
    pub fn into_park(self) -> Option<Box<Park>> {
        self.0
    }
}

impl<'a> Reply<'a> {
    /// A reply to be appended to `out`.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>, proto: Proto) -> Self {
        Reply { writer: Writer::new(out, proto) }
    }

    /// The connection's protocol.
    pub fn proto(&self) -> Proto {
        self.writer.proto()
    }

    /// The same in another protocol: HELLO answers in the one it chooses.
    pub fn in_proto(mut self, proto: Proto) -> Self {
        self.writer.set_proto(proto);
        self
    }

    /// Nothing at all: what SHUTDOWN and CLIENT REPLY OFF answer, and commands that are answered later.
    pub fn silence(self) -> Done {
        Done::REPLIED
    }

    /// `+OK`.
    #[inline]
    pub fn ok(self) -> Done {
        self.simple("OK")
    }

    /// A simple string.
    #[inline]
    pub fn simple(mut self, text: &str) -> Done {
        self.writer.simple(text);
        Done::REPLIED
    }

    /// An integer.
    #[inline]
    pub fn int(mut self, n: i64) -> Done {
        self.writer.int(n);
        Done::REPLIED
    }

    /// An integer beyond 63 bits, perhaps.
    #[inline]
    pub fn unsigned(mut self, n: u64) -> Done {
        self.writer.unsigned(n);
        Done::REPLIED
    }

    /// A length as an integer.
    #[inline]
    pub fn len(self, n: usize) -> Done {
        self.int(n as i64)
    }

    /// 1 or 0.
    #[inline]
    pub fn flag(self, yes: bool) -> Done {
        self.int(i64::from(yes))
    }

    /// A bulk string.
    #[inline]
    pub fn bulk(mut self, bytes: &[u8]) -> Done {
        self.writer.bulk(bytes);
        Done::REPLIED
    }

    /// A string value as a bulk string.
    #[inline]
    pub fn string(mut self, value: Str<'_>) -> Done {
        write_string(&mut self.writer, value);
        Done::REPLIED
    }

    /// Null.
    #[inline]
    pub fn null(mut self) -> Done {
        self.writer.null();
        Done::REPLIED
    }

    /// Null in place of an array.
    pub fn null_array(mut self) -> Done {
        self.writer.null_array();
        Done::REPLIED
    }

    /// A double.
    pub fn double(mut self, n: f64) -> Done {
        self.writer.double(n);
        Done::REPLIED
    }

    /// Verbatim text (`txt`), a bulk string in RESP2.
    pub fn verbatim(mut self, text: &[u8]) -> Done {
        self.writer.verbatim(*b"txt", text);
        Done::REPLIED
    }

    /// An array of `len` elements, to be written to the sequence.
    pub fn array(mut self, len: usize) -> Seq<'a> {
        self.writer.array(len);
        Seq { writer: self.writer }
    }

    /// A map of `len` pairs; keys and values are written one after another.
    pub fn map(mut self, len: usize) -> Seq<'a> {
        self.writer.map(len);
        Seq { writer: self.writer }
    }

    /// A set of `len` elements.
    pub fn set(mut self, len: usize) -> Seq<'a> {
        self.writer.set(len);
        Seq { writer: self.writer }
    }

    /// An array whose length is known at its end.
    pub fn deferred_array(self) -> Deferred<'a> {
        let start = self.writer.mark();
        Deferred { writer: self.writer, start, count: 0 }
    }

    /// A reply of a rarer shape: `write` must write exactly one.
    pub fn written(mut self, write: impl FnOnce(&mut Writer<'_>)) -> Done {
        write(&mut self.writer);
        Done::REPLIED
    }

    /// Doesn't answer: the command waits as `park` says.
    pub fn park(self, park: Park) -> Done {
        Done(Some(Box::new(park)))
    }
}

fn write_string(writer: &mut Writer<'_>, value: Str<'_>) {
    match value {
        Str::Bytes(bytes) => writer.bulk(bytes),
        Str::Int(n) => writer.bulk_int(n),
    }
}

/// Methods that both kinds of sequences have. `$one` runs for each element written.
macro_rules! elements {
    ($one:expr) => {
        /// Writes a bulk string.
        #[inline]
        pub fn bulk(&mut self, bytes: &[u8]) {
            ($one)(self);
            self.writer.bulk(bytes);
        }

        /// Writes a bulk string made of parts.
        #[inline]
        pub fn bulk_parts<const N: usize>(&mut self, parts: [&[u8]; N]) {
            ($one)(self);
            self.writer.bulk_parts(parts);
        }

        /// Writes a string value.
        #[inline]
        pub fn string(&mut self, value: Str<'_>) {
            ($one)(self);
            write_string(&mut self.writer, value);
        }

        /// Writes a number as a bulk string.
        #[inline]
        pub fn bulk_int(&mut self, n: i64) {
            ($one)(self);
            self.writer.bulk_int(n);
        }

        /// Writes an integer.
        #[inline]
        pub fn int(&mut self, n: i64) {
            ($one)(self);
            self.writer.int(n);
        }

        /// Writes an integer beyond 63 bits, perhaps.
        pub fn unsigned(&mut self, n: u64) {
            ($one)(self);
            self.writer.unsigned(n);
        }

        /// Writes a simple string.
        pub fn simple(&mut self, text: &str) {
            ($one)(self);
            self.writer.simple(text);
        }

        /// Writes a double.
        pub fn double(&mut self, n: f64) {
            ($one)(self);
            self.writer.double(n);
        }

        /// Writes null.
        pub fn null(&mut self) {
            ($one)(self);
            self.writer.null();
        }

        /// Writes null in place of an array.
        pub fn null_array(&mut self) {
            ($one)(self);
            self.writer.null_array();
        }

        /// Begins an array of `len` elements, which count as one element here; they are written through the result.
        pub fn array(&mut self, len: usize) -> Seq<'_> {
            ($one)(self);
            self.writer.array(len);
            Seq { writer: self.writer.reborrow() }
        }

        /// Begins a map of `len` pairs.
        pub fn map(&mut self, len: usize) -> Seq<'_> {
            ($one)(self);
            self.writer.map(len);
            Seq { writer: self.writer.reborrow() }
        }

        /// Begins a set of `len` elements.
        pub fn set(&mut self, len: usize) -> Seq<'_> {
            ($one)(self);
            self.writer.set(len);
            Seq { writer: self.writer.reborrow() }
        }

        /// Begins an array whose length is known at its end.
        pub fn deferred_array(&mut self) -> Deferred<'_> {
            ($one)(self);
            let start = self.writer.mark();
            Deferred { writer: self.writer.reborrow(), start, count: 0 }
        }
    };
}

/// The elements of an aggregate whose length has been written. Writing as many as announced is the handler's duty;
/// `tests` of the registry compare every reply with its announced lengths.
pub struct Seq<'a> {
    writer: Writer<'a>,
}

impl Seq<'_> {
    elements!(|_: &mut Self| ());

    /// The end of the reply.
    pub fn done(self) -> Done {
        Done::REPLIED
    }
}

/// The elements of an array whose length is written at its end.
pub struct Deferred<'a> {
    writer: Writer<'a>,
    start: Mark,
    count: usize,
}

impl<'a> Deferred<'a> {
    elements!(|this: &mut Self| this.count += 1);

    /// Elements so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The right to answer otherwise, as long as there are no elements; the array itself if there are any.
    pub fn abandon(self) -> std::result::Result<Reply<'a>, Self> {
        if self.count == 0 { Ok(Reply { writer: self.writer }) } else { Err(self) }
    }

    /// Writes the length. The end of the reply, unless the array is an element itself.
    pub fn done(mut self) -> Done {
        self.writer.insert(self.start, |writer| writer.array(self.count));
        Done::REPLIED
    }

    /// As `done`, but the elements were pairs of a map.
    pub fn done_map(mut self) -> Done {
        self.writer.insert(self.start, |writer| writer.map(self.count / 2));
        Done::REPLIED
    }

    /// As `done`, but the elements were those of a set.
    pub fn done_set(mut self) -> Done {
        self.writer.insert(self.start, |writer| writer.set(self.count));
        Done::REPLIED
    }

    /// As `done`, but answers null when there are no elements (null in place of an array).
    pub fn done_or_null(mut self) -> Done {
        if self.count == 0 {
            self.writer.null_array();
            return Done::REPLIED;
        }
        self.done()
    }
}
