//! RDB files and DUMP payloads: bytes in, values out, and the other way round. No I/O.
//!
//! Writing: an [`Encoder`] appends headers, fields and whole keys to a buffer; a [`FrozenEncoder`] does the same with
//! a large value bit by bit. Reading has two layers, so that loading can use all cores: a [`Scanner`] splits a file
//! into [`Event`]s without looking into values, [`decode_value`] makes a value of an event's bytes.
//!
//! The format is the one that Redis and Valkey write, as their documentation, the files and payloads of real servers,
//! and the descriptions kept by independent readers (redis-rdb-tools, redis-replicator) show it.
#![forbid(unsafe_code)]

mod array;
mod check;
mod cursor;
mod damage;
mod dump;
mod encode;
mod error;
mod extension;
mod frozen;
mod hash;
mod list;
mod lzf;
mod object;
mod opcode;
mod scan;
mod set;
mod sorted_set;
mod stream;
mod string;
mod value;
mod value_type;
mod version;
mod write;
mod ziplist;
mod zipmap;

pub use check::{Check, CheckReport, check};
pub use damage::Damage;
pub use dump::{BadDump, dump, restore};
pub use encode::{EncodeOptions, Encoder};
pub use error::{Error, Reason};
pub use frozen::FrozenEncoder;
pub use scan::{Access, Entry, Event, ModuleId, Scanner};
pub use value::{DecodeOptions, decode_value};
pub use value_type::{Family, ValueType};
pub use version::{Flavor, Header, Leniency, Version};
