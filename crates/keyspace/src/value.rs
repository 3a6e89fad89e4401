//! What a key can hold: the kinds, their encodings, and the objects that live outside the entry.

use std::any::Any;
use structs::small::Small;

/// The type of a value, numbered as Redis numbers its objects: what DEBUG DIGEST is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A string of bytes.
    String = 0,
    /// A list.
    List = 1,
    /// A set.
    Set = 2,
    /// A sorted set.
    SortedSet = 3,
    /// A hash.
    Hash = 4,
    /// A stream.
    Stream = 6,
    /// A sparse array.
    Array = 7,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] =
        [Kind::String, Kind::List, Kind::Set, Kind::SortedSet, Kind::Hash, Kind::Stream, Kind::Array];

    pub(crate) fn from_bits(bits: u8) -> Kind {
        match bits {
            0 => Kind::String,
            1 => Kind::List,
            2 => Kind::Set,
            3 => Kind::SortedSet,
            4 => Kind::Hash,
            6 => Kind::Stream,
            _ => Kind::Array,
        }
    }

    /// Whether the order of the elements belongs to the value.
    pub const fn is_ordered(self) -> bool {
        matches!(self, Kind::String | Kind::List | Kind::Stream | Kind::Array)
    }

    /// Whether an element may expire while others stay.
    pub const fn has_expiring_elements(self) -> bool {
        matches!(self, Kind::Set | Kind::SortedSet | Kind::Hash)
    }

    /// The name that TYPE answers.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::List => "list",
            Kind::Set => "set",
            Kind::SortedSet => "zset",
            Kind::Hash => "hash",
            Kind::Stream => "stream",
            Kind::Array => "array",
        }
    }
}

/// How an entry holds its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Encoding {
    /// An integer in the word.
    Int = 0,
    /// A short string behind the key.
    Embedded = 1,
    /// A string behind the key that was changed in place or is longer: OBJECT ENCODING says `raw`.
    Raw = 2,
    /// A long string ([`structs::blob::Blob`]), its address in the word.
    Large = 3,
    /// An object, its address in the word.
    Object = 4,
    /// An object's small form behind the key: how many elements there are (2 bytes), and they.
    Packed = 5,
    /// As `Packed`: how many bytes an integer has (2 bytes), and they.
    Ints = 6,
}

impl Encoding {
    pub(crate) fn from_bits(bits: u8) -> Encoding {
        match bits {
            0 => Encoding::Int,
            1 => Encoding::Embedded,
            2 => Encoding::Raw,
            3 => Encoding::Large,
            4 => Encoding::Object,
            5 => Encoding::Packed,
            _ => Encoding::Ints,
        }
    }

    pub(crate) fn has_word(self) -> bool {
        matches!(self, Encoding::Int) || self.owns()
    }

    /// Whether the word owns memory outside of the entry.
    pub(crate) fn owns(self) -> bool {
        matches!(self, Encoding::Large | Encoding::Object)
    }
}

/// A value that isn't a string. It lives outside its key's entry, unless it is small.
pub trait Object: Any + Send {
    /// Its type.
    fn kind(&self) -> Kind;
    /// What OBJECT ENCODING answers.
    fn encoding(&self) -> &'static str;
    /// Whether the key must go.
    fn is_vacant(&self) -> bool;
    /// Its bytes, if it has a form that is no more than bytes. O(1).
    fn small(&self) -> Option<Small<'_>>;
    /// Bytes held, O(1).
    fn memory_bytes(&self) -> usize;
    /// How many allocations freeing it takes, about.
    fn free_effort(&self) -> usize;
    /// When its first element expires, in milliseconds since the epoch, if its elements can. O(1).
    fn first_element_expiry_ms(&self) -> Option<i64>;
    /// Removes the element that expires first, if that is before `now_ms`, after showing its name; answers whether there
    /// was one.
    fn remove_due_element(&mut self, now_ms: i64, show: &mut dyn FnMut(&[u8])) -> bool;
    /// Hands every element to `visit`, as its parts: in their order where the type has one. Two objects of a kind are
    /// equal exactly when their elements are.
    fn elements(&self, visit: &mut dyn FnMut(&[&[u8]]));
    /// Asks the processor to load what a search for the element with this name touches at its step, which isn't to be
    /// known without what the steps before it touch. Answers whether another step follows.
    fn prefetch_element(&self, name: &[u8], step: usize) -> bool;
    /// A copy. The two share what is large until either is changed, so that it costs some hundred allocations at most.
    fn duplicate(&self) -> crate::ObjectBox;
}

/// A concrete object type: what [`crate::Item::object`] and `Slot::open` ask for by type.
pub trait Typed: Object + Sized {
    /// Its type. Each kind belongs to one Rust type: `ObjectBox` relies on it.
    const KIND: Kind;

    /// The object whose small form this is.
    fn of_small(small: Small<'_>) -> Self;
}

/// The longest text of an integer.
pub(crate) const INT_TEXT_MAX: usize = 20;
/// The strings up to which a value is held as `embstr`.
pub(crate) const EMBEDDED_MAX: usize = 44;
/// The strings up to which a value is held behind its key.
pub(crate) const INLINE_MAX: usize = 4096;

/// The small forms of objects up to which they are held behind their key: what is copied when one is opened for changing,
/// and fits a page of entries with its key.
pub(crate) const SMALL_MAX: usize = 400;

/// A value about to be stored.
pub(crate) enum NewValue<'a> {
    Int(i64),
    Inline(&'a [u8], Encoding),
    Large(u64),
    Object(Kind, u64),
    Small(Kind, Small<'a>),
}

impl<'a> NewValue<'a> {
    /// An object, as it is held behind its key, if it is small enough for that.
    pub(crate) fn of_small(object: &'a dyn Object) -> Option<Self> {
        let small = object.small().filter(|small| small.bytes().len() <= SMALL_MAX)?;
        Some(NewValue::Small(object.kind(), small))
    }

    pub(crate) fn kind(&self) -> Kind {
        if let NewValue::Object(kind, _) | NewValue::Small(kind, _) = self { *kind } else { Kind::String }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        match self {
            NewValue::Int(_) => Encoding::Int,
            NewValue::Inline(_, encoding) => *encoding,
            NewValue::Large(_) => Encoding::Large,
            NewValue::Object(..) => Encoding::Object,
            NewValue::Small(_, Small::Packed { .. }) => Encoding::Packed,
            NewValue::Small(_, Small::Ints { .. }) => Encoding::Ints,
        }
    }

    pub(crate) fn word(&self) -> Option<u64> {
        match self {
            NewValue::Int(n) => Some(*n as u64),
            NewValue::Inline(..) | NewValue::Small(..) => None,
            NewValue::Large(address) | NewValue::Object(_, address) => Some(*address),
        }
    }

    /// What stands behind the key: a head, if there is one, and the rest.
    #[inline]
    pub(crate) fn inline(&self) -> (Option<[u8; 2]>, &[u8]) {
        match self {
            NewValue::Inline(bytes, _) => (None, bytes),
            NewValue::Small(_, Small::Packed { count: head, bytes } | Small::Ints { width: head, bytes }) => {
                (Some(head.to_le_bytes()), bytes)
            }
            _ => (None, &[]),
        }
    }

    /// Bytes of it.
    #[inline]
    pub(crate) fn inline_len(&self) -> usize {
        let (head, rest) = self.inline();
        head.map_or(0, |head| head.len()) + rest.len()
    }
}
