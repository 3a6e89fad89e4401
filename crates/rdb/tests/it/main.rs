//! Files and payloads: those of real servers, and those written here.

mod frozen;
mod payloads;
mod values;
