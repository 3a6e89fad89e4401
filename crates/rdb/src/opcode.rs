//! The bytes that stand where a value's type could stand, and mean something else.

/// What is neither a type nor one of these is unknown.
pub(crate) const SLOT_IMPORT: u8 = 243;
/// The same number in Redis 8.6: what modules know of the next key.
pub(crate) const KEY_META: u8 = 243;
pub(crate) const SLOT_INFO: u8 = 244;
pub(crate) const FUNCTION: u8 = 245;
/// Functions as release candidates of Redis 7.0 wrote them.
pub(crate) const FUNCTION_CANDIDATE: u8 = 246;
pub(crate) const MODULE_AUX: u8 = 247;
pub(crate) const IDLE: u8 = 248;
pub(crate) const FREQUENCY: u8 = 249;
pub(crate) const AUX: u8 = 250;
pub(crate) const RESIZE_DB: u8 = 251;
pub(crate) const EXPIRE_MS: u8 = 252;
pub(crate) const EXPIRE_S: u8 = 253;
pub(crate) const SELECT_DB: u8 = 254;
pub(crate) const END: u8 = 255;
