//! Numbers and their texts: strict integers, and doubles as Redis accepts and prints them.

mod float_digits;
mod float_parse;
mod float_print;
mod hex;
mod ieee;
mod integer;
mod powers;
pub(crate) mod rounding;

pub use float_digits::push_f64_digits;
pub(crate) use float_parse::is_infinity;
pub use float_parse::parse_f64;
pub use float_print::{F64Buffer, push_f64, push_f64_shortest};
pub(crate) use hex::{parse_exponent, parse_hex_float};
pub(crate) use ieee::{compose_f64, decompose_f64};
pub use integer::{parse_i64, parse_u64, push_i64, push_u64};
