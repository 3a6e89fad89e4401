//! The append-only files: how they are named and listed, what stands in them, and how they are written.

mod annotation;
mod extent;
mod log;
mod manifest;
mod names;
mod scanner;
mod startup;
mod walk;
mod writer;

pub use annotation::{Annotation, Seal, Unsealed, push_second};
pub use extent::{Extent, MAX_BATCH};
pub use log::{Extras, Failure, Log};
pub use manifest::{FileInfo, FileKind, Manifest, ManifestError, ManifestFault};
pub use names::{BaseFormat, Names};
pub use scanner::{Damage, Fault, Found, MAX_ANNOTATION, Scanner};
pub use startup::{
    Found as FoundFiles, Single, StartError, find, install_base, look, prepare, remove_history,
};
pub use walk::{Mark, Walk};
pub use writer::{Background, Orders, Policy, Turn, Writer};
