//! Settings with a form of their own, one per file.

pub(crate) mod addresses;
pub(crate) mod buffer_limits;
pub(crate) mod directive_lines;
pub(crate) mod events;
pub(crate) mod lacking;
pub(crate) mod memory_share;
pub(crate) mod oom_scores;
pub(crate) mod percentiles;
pub(crate) mod primary;
pub(crate) mod save_points;
pub(crate) mod shutdown;
pub(crate) mod threads;

pub use addresses::{BindAddress, BindAddresses};
pub use buffer_limits::{BufferLimit, OutputBufferLimits};
pub use directive_lines::{DirectiveLines, Unstored};
pub use events::{EventClass, KeyspaceEvents};
pub use lacking::Lacking;
pub(crate) use lacking::lacking;
pub use memory_share::MemoryShare;
pub use oom_scores::OomScores;
pub use percentiles::Percentiles;
pub use primary::{PrimaryAddress, ReplicaOf};
pub use save_points::{SavePoint, SavePoints};
pub use shutdown::{SaveOnShutdown, ShutdownOptions};
pub use threads::IoThreads;
