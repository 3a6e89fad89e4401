//! The append-only files: how they are named and listed, what stands in them, and how they are written.

mod annotation;
mod extent;
mod manifest;
mod names;
mod scanner;
mod walk;

pub use annotation::{Annotation, Seal, Unsealed, push_second};
pub use extent::{Extent, MAX_BATCH};
pub use manifest::{FileInfo, FileKind, Manifest, ManifestError, ManifestFault};
pub use names::{BaseFormat, Names};
pub use scanner::{Damage, Fault, Found, MAX_ANNOTATION, Scanner};
pub use walk::{Mark, Walk};
