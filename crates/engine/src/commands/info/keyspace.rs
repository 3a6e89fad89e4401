//! INFO keyspace.

use super::{Page, view::View};

/// One line for each database that has keys.
pub(super) fn databases(view: &View<'_, '_>, page: &mut Page) {
    for (index, db) in view.shards().dbs.iter().filter(|(_, db)| db.keys > 0) {
        let mean_expiry_ms = db.expiry_sum_ms.checked_div(i128::from(db.expiring));
        let avg_ttl_ms = mean_expiry_ms.map_or(0, |at| (at - i128::from(view.now.ms())).max(0));
        let (keys, expires, subexpiry) = (db.keys, db.expiring, db.element_expiring);
        let value = format!("keys={keys},expires={expires},avg_ttl={avg_ttl_ms},subexpiry={subexpiry}");
        page.row(&format!("db{index}"), &value);
    }
}
