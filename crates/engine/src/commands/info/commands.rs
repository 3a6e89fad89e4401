//! INFO commandstats, errorstats and latencystats.

use super::{Page, view::View};

/// One line for each command that has run or was refused.
pub(super) fn counters(view: &View<'_, '_>, page: &mut Page) {
    for command in view.engine.registry.all() {
        let sums = view.engine.command_totals(command.id);
        if sums.calls == 0 && sums.rejected == 0 && sums.failed == 0 {
            continue;
        }
        let us = sums.time_ns / 1000;
        let mean_us = if sums.calls == 0 { 0.0 } else { us as f64 / sums.calls as f64 };
        let value = format!(
            "calls={},usec={us},usec_per_call={mean_us:.2},rejected_calls={},failed_calls={}",
            sums.calls, sums.rejected, sums.failed
        );
        page.row(&format!("cmdstat_{}", command.full_name), &value);
    }
}

/// One line for each error code.
pub(super) fn errors(view: &View<'_, '_>, page: &mut Page) {
    for (code, count) in view.engine.stats.errors.lock().iter() {
        page.row(&format!("errorstat_{}", String::from_utf8_lossy(code)), &format!("count={count}"));
    }
}

/// One line for each command whose latency was measured.
pub(super) fn latencies(view: &View<'_, '_>, page: &mut Page) {
    let percentiles = &view.config.latency_tracking_info_percentiles.0;
    for command in view.engine.registry.all() {
        let Some(histogram) = view.engine.latency_of(command.id) else { continue };
        let value = |percentile: &f64| {
            let ns = histogram.value_at_percentile(*percentile);
            format!("p{percentile}={:.3}", ns as f64 / 1000.0)
        };
        let values: Vec<String> = percentiles.iter().map(value).collect();
        page.row(&format!("latency_percentiles_usec_{}", command.full_name), &values.join(","));
    }
}
