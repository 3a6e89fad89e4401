//! Files and payloads: those of real servers, and those written here.

mod broken;
mod check;
mod files;
mod frozen;
mod payloads;
mod values;
