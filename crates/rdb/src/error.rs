//! What can be wrong with a file or payload, and where.

use crate::value_type::ValueType;
use structs::intset::BadIntset;
use structs::packed::BadListpack;
use structs::stream::BadBlock;

/// What is wrong, and where it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Offset in bytes from the start of what was read: of the file for [`crate::Scanner`], of the value for
    /// [`crate::decode_value`].
    pub offset: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a file or payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It ends before what has begun is complete.
    End,
    /// It doesn't begin with `REDIS` or `VALKEY` and a version.
    Magic,
    /// Its version is none that can be read.
    Version(u32),
    /// There is no type of value with this number.
    Type(u8),
    /// The type is known, but there is no such type of value here.
    Unsupported(ValueType),
    /// A length has an unknown form.
    Length,
    /// A number of elements can't be true: the bytes that follow are too few for them.
    Count,
    /// A string has an unknown form.
    StringForm,
    /// A compressed string can't be expanded to the length it declares.
    Compression,
    /// A listpack is broken.
    Listpack(BadListpack),
    /// A ziplist is broken.
    Ziplist,
    /// An intset is broken.
    Intset(BadIntset),
    /// A set or hash has an element twice.
    DuplicateElement,
    /// An element that a set or hash hasn't is said to expire.
    UnknownElement,
    /// A zipmap is broken.
    Zipmap,
    /// A field of a hash has no value.
    IncompleteElement,
    /// A field expires at a moment that is none.
    ElementExpiry,
    /// A node of a list has an unknown form.
    ListNode(u64),
    /// A value has no elements though it must have some. Such keys are left out when a file is loaded.
    Empty,
    /// A sorted set has a member twice, one whose score is no number, or, if packed, one out of order.
    SortedSet,
    /// A block of a stream is broken.
    StreamBlock(BadBlock),
    /// The key of a stream's block is not an id.
    StreamBlockId,
    /// A stream has another number of entries than it declares.
    StreamLength,
    /// A stream's last id is below that of its last entry.
    StreamLastId,
    /// Two groups of a stream have one name.
    DuplicateGroup,
    /// Two consumers of a group have one name.
    DuplicateConsumer,
    /// The pending entries of a group are not in the order of their ids.
    PendingOrder,
    /// A consumer has an entry pending that its group has not, or that is somebody else's.
    PendingUnknown,
    /// An entry is pending in a group, but for no consumer.
    PendingUnowned,
    /// A module's value has parts of an unknown kind.
    Module(u64),
    /// An array has an index twice, one beyond all others, or no cursor where one must be.
    Array,
    /// An array has elements of an unknown kind.
    ArrayElement(u64),
    /// Functions in the form of a release candidate, which nobody reads.
    FunctionCandidate,
    /// The checksum is not that of the bytes.
    Checksum,
    /// Bytes are left over behind the value.
    Surplus,
}

impl Error {
    pub(crate) fn new(offset: usize, reason: Reason) -> Self {
        Error { offset: offset as u64, reason }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at offset {}", self.reason, self.offset)
    }
}

impl std::error::Error for Error {}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::End => f.write_str("unexpected end"),
            Reason::Magic => f.write_str("wrong signature"),
            Reason::Version(version) => write!(f, "can't handle RDB format version {version}"),
            Reason::Type(code) => write!(f, "unknown value type {code}"),
            Reason::Unsupported(value_type) => write!(f, "values of type {value_type} are not supported"),
            Reason::Length => f.write_str("unknown length encoding"),
            Reason::Count => f.write_str("more elements declared than there are bytes"),
            Reason::StringForm => f.write_str("unknown string encoding"),
            Reason::Compression => f.write_str("invalid LZF compressed string"),
            Reason::Listpack(error) => error.fmt(f),
            Reason::Ziplist => f.write_str("broken ziplist"),
            Reason::Intset(error) => error.fmt(f),
            Reason::DuplicateElement => f.write_str("element that is there twice"),
            Reason::Zipmap => f.write_str("broken zipmap"),
            Reason::IncompleteElement => f.write_str("field without a value"),
            Reason::ElementExpiry => f.write_str("expiry of a field out of range"),
            Reason::UnknownElement => f.write_str("expiry of an element that isn't there"),
            Reason::ListNode(form) => write!(f, "unknown list node form {form}"),
            Reason::Empty => f.write_str("value without elements"),
            Reason::SortedSet => f.write_str("sorted set with a broken element"),
            Reason::StreamBlock(error) => error.fmt(f),
            Reason::StreamBlockId => f.write_str("stream block without an id"),
            Reason::StreamLength => f.write_str("stream with another number of entries than it declares"),
            Reason::StreamLastId => f.write_str("stream whose last id is below that of its last entry"),
            Reason::DuplicateGroup => f.write_str("Duplicated consumer group name in stream"),
            Reason::DuplicateConsumer => f.write_str("Duplicate stream consumer detected"),
            Reason::PendingOrder => f.write_str("pending stream entries out of order"),
            Reason::PendingUnknown => f.write_str("consumer with a pending entry that its group hasn't"),
            Reason::PendingUnowned => f.write_str("pending stream entry without a consumer"),
            Reason::Module(opcode) => write!(f, "unknown module opcode {opcode}"),
            Reason::Array => f.write_str("array with a broken index or cursor"),
            Reason::ArrayElement(tag) => write!(f, "unknown array element {tag}"),
            Reason::FunctionCandidate => f.write_str("functions in a pre-release format"),
            Reason::Checksum => f.write_str("wrong checksum"),
            Reason::Surplus => f.write_str("surplus bytes behind the value"),
        }
    }
}
