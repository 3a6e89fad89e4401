//! LATENCY DOCTOR: what the samples mean, and what to do about them.

use crate::latency::{LatencyEvent, LatencyMonitor, Series};
use config::Config;

/// The report.
pub(super) fn report(monitor: &LatencyMonitor, config: &Config) -> String {
    if config.latency_monitor_threshold == 0 && monitor.all().len() == 0 {
        return "Latency is not being monitored. Turn it on with: CONFIG SET latency-monitor-threshold <milliseconds>\n"
            .into();
    }
    if monitor.all().len() == 0 {
        let threshold = config.latency_monitor_threshold;
        return format!("Nothing has taken {threshold} ms or longer since the monitor was last reset.\n");
    }
    let mut text = String::from("Events that took longer than the threshold:\n\n");
    for (event, series) in monitor.all() {
        text.push_str(&describe(event, &Figures::of(series)));
    }
    text.push_str("\nWhat may help:\n\n");
    for advice in advice(monitor, config) {
        text.push_str(&format!("- {advice}\n"));
    }
    text
}

/// A series in figures.
struct Figures {
    count: usize,
    mean_ms: u64,
    /// Mean distance from the mean.
    deviation_ms: u64,
    /// Seconds between samples, on average.
    period_s: f64,
    worst_ms: u32,
}

impl Figures {
    fn of(series: &Series) -> Figures {
        let times: Vec<u64> = series.samples().map(|sample| sample.time_ms.into()).collect();
        let count = times.len().max(1) as u64;
        let mean_ms = times.iter().sum::<u64>() / count;
        let deviation_ms = times.iter().map(|time| time.abs_diff(mean_ms)).sum::<u64>() / count;
        let (first, last) = (series.samples().next(), series.latest());
        let span_s = last.zip(first).map_or(0, |(last, first)| last.at_s - first.at_s);
        let gaps = times.len().saturating_sub(1).max(1);
        let period_s = span_s as f64 / gaps as f64;
        Figures { count: times.len(), mean_ms, deviation_ms, period_s, worst_ms: series.worst_ms() }
    }
}

fn describe(event: LatencyEvent, figures: &Figures) -> String {
    let Figures { count, mean_ms, deviation_ms, period_s, worst_ms } = figures;
    let spikes = if *count == 1 { "spike" } else { "spikes" };
    format!(
        "{}: {count} latency {spikes}, average {mean_ms} ms, mean deviation {deviation_ms} ms, one every {period_s:.1} s, \
         worst ever {worst_ms} ms\n",
        event.name()
    )
}

fn advice(monitor: &LatencyMonitor, config: &Config) -> Vec<String> {
    let mut advice = Vec::new();
    let has = |event| monitor.of(event).is_some();
    let threshold_us = config.latency_monitor_threshold.saturating_mul(1000);
    let slowlog_us = u64::try_from(config.slowlog_log_slower_than).ok();
    if has(LatencyEvent::Command) {
        if threshold_us > 0 && slowlog_us.is_none_or(|us| us > threshold_us) {
            advice.push(format!(
                "The slow log misses some of these commands. Let it catch them: CONFIG SET slowlog-log-slower-than {threshold_us}"
            ));
        }
        advice.push(
            "SLOWLOG GET names the commands. Long ones run over many elements: ask for parts (SCAN, ranges)."
                .into(),
        );
    }
    if has(LatencyEvent::FastCommand) {
        advice.push(
            "Commands that are fast by nature were slow: the machine, not the data, made them wait. Look for too few \
             processors, swapping, or other programs on this machine."
                .into(),
        );
    }
    if has(LatencyEvent::ExpireCycle) {
        advice.push(
            "Many keys expire at the same moment, or large ones do. Spread the times to live, and have large values \
             freed in the background: CONFIG SET lazyfree-lazy-expire yes"
                .into(),
        );
    }
    advice
}
