//! Layer 0: small, pure functions on bytes and numbers that every other layer needs.
//!
//! Nothing here does I/O, reads a clock or knows a key or a connection:
//!
//! - [`num`]: integers and doubles from and to text, with exactly the texts Redis accepts and prints
//! - [`longdouble`]: the 80-bit arithmetic behind `INCRBYFLOAT`
//! - [`glob`]: the patterns of `KEYS`, `SCAN MATCH` and `PSUBSCRIBE`
//! - [`crc16`], [`crc64`]: cluster hash slots, checksums of dumps
//! - [`hash`]: the hash function of every table
//! - [`prng`], [`ids`]: seeded random numbers and the run ids made of them
//! - [`bytes`]: case-insensitive comparison, amounts of memory as people write them
//! - [`quote`]: splitting a line into quoted arguments, and quoting
#![forbid(unsafe_code)]

pub mod bytes;
pub mod crc16;
pub mod crc64;
pub mod glob;
pub mod hash;
pub mod ids;
pub mod longdouble;
pub mod num;
pub mod prng;
pub mod quote;
