//! Files and payloads that real servers wrote.

mod payloads;
mod values;
