//! INFO replication: a primary without replicas.

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("role", |_| "master".into()),
    ("connected_slaves", |_| "0".into()),
    ("master_failover_state", |_| "no-failover".into()),
    ("master_replid", |view| view.engine.replication_id()),
    ("master_replid2", |_| "0".repeat(40)),
    ("master_repl_offset", |view| view.engine.journal.end().to_string()),
    ("second_repl_offset", |_| "-1".into()),
    ("repl_backlog_active", |_| "0".into()),
    ("repl_backlog_size", |view| view.config.repl_backlog_size.to_string()),
    ("repl_backlog_first_byte_offset", |_| "0".into()),
    ("repl_backlog_histlen", |_| "0".into()),
];
