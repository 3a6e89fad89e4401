//! The append-only files: how they are named and listed, what stands in them, and how they are written.

mod manifest;
mod names;
mod scanner;

pub use manifest::{FileInfo, FileKind, Manifest, ManifestError, ManifestFault};
pub use names::{BaseFormat, Names};
pub use scanner::{Damage, Fault, Found, MAX_ANNOTATION, Scanner};
