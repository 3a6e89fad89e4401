//! Layer 1: configuration as data. Every directive of Redis and Valkey, where it is documented, checked, shown and
//! written, and nothing of what it does.
//!
//! - [`Config`] has a typed field for each directive; [`DIRECTIVES`] lists them. Both come from one table.
//! - [`CommandLine`] and [`Config::load`] make a configuration at the start. They do no I/O: included files come
//!   through [`ConfigFiles`].
//! - [`Config::get`], [`Config::set_many`] and [`Config::rewrite`] are `CONFIG GET`, `CONFIG SET` and
//!   `CONFIG REWRITE`.
//! - [`configuration_page`] is the documentation of all directives.
//!
//! To add a directive, add one entry to the table.
#![forbid(unsafe_code)]

mod choice;
mod command_line;
mod directive;
mod docs;
mod error;
mod include;
mod live;
mod load;
mod number;
mod rewrite;
mod special;
mod table;
mod text;
mod value;

pub use choice::*;
pub use command_line::CommandLine;
pub use directive::{Access, Change, Directive, Feature, Status};
pub use docs::configuration_page;
pub use error::{ConfigError, Place, SetError};
pub use include::{ConfigFiles, NoFiles};
pub use live::{Caller, Changed};
pub use load::Loaded;
pub use special::*;
pub use table::{Config, DIRECTIVES};
pub use text::Text;
