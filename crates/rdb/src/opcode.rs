//! The bytes that stand where a value's type could stand, and mean something else.

/// A slot that is being imported, in files of Valkey.
pub(crate) const SLOT_IMPORT: u8 = 243;
/// What modules know of the next key, in files of Redis.
pub(crate) const KEY_META: u8 = 243;
/// How many keys of a cluster's slot follow.
pub(crate) const SLOT_INFO: u8 = 244;
/// A library of functions.
pub(crate) const FUNCTION: u8 = 245;
/// Functions as release candidates of Redis 7.0 wrote them.
pub(crate) const FUNCTION_CANDIDATE: u8 = 246;
/// What a module wrote that belongs to no key.
pub(crate) const MODULE_AUX: u8 = 247;
/// For how many seconds the next key hasn't been used.
pub(crate) const IDLE: u8 = 248;
/// How often the next key has been used: a byte.
pub(crate) const FREQUENCY: u8 = 249;
/// A field about the file: name and value.
pub(crate) const AUX: u8 = 250;
/// How many keys the database has: all, and those that expire.
pub(crate) const RESIZE_DB: u8 = 251;
/// When the next key expires, in 8 bytes of milliseconds.
pub(crate) const EXPIRE_MS: u8 = 252;
/// The same in 4 bytes of seconds.
pub(crate) const EXPIRE_S: u8 = 253;
/// The database that the following keys belong to.
pub(crate) const SELECT_DB: u8 = 254;
/// The end of the keys; a checksum follows.
pub(crate) const END: u8 = 255;
