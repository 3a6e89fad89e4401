//! LATENCY GRAPH: a series drawn with characters, a column per sample, its age below.

use crate::latency::{Sample, Series};

/// Rows of the drawing.
const ROWS: u32 = 4;
/// Width of the rule, and most columns.
const WIDTH: usize = 80;

/// The drawing of an event's series.
pub(super) fn draw(name: &str, series: &Series, now_s: i64) -> String {
    let skipped = series.samples().len().saturating_sub(WIDTH);
    let samples: Vec<Sample> = series.samples().skip(skipped).collect();
    let high = samples.iter().map(|sample| sample.time_ms).max().unwrap_or(0);
    let low = samples.iter().map(|sample| sample.time_ms).min().unwrap_or(0);
    let worst = series.worst_ms();
    let mut text = format!("{name} - high {high} ms, low {low} ms (all time high {worst} ms)\n");
    text.push_str(&"-".repeat(WIDTH));
    text.push('\n');
    for row in (0..ROWS).rev() {
        push_line(&mut text, samples.iter().map(|sample| cell(height(sample.time_ms, low, high), row)));
    }
    text.push('\n');
    let ages: Vec<Vec<char>> = samples.iter().map(|sample| age(now_s - sample.at_s)).collect();
    for row in 0..ages.iter().map(Vec::len).max().unwrap_or(0) {
        push_line(&mut text, ages.iter().map(|age| age.get(row).copied().unwrap_or(' ')));
    }
    text
}

fn push_line(text: &mut String, cells: impl Iterator<Item = char>) {
    let line: String = cells.collect();
    text.push_str(line.trim_end());
    text.push('\n');
}

/// How high a column is, in halves of a row: from 1 (the lowest sample) to all of them.
fn height(time_ms: u32, low: u32, high: u32) -> u32 {
    let halves = u64::from(2 * ROWS - 1);
    let range = u64::from(high - low);
    1 + (u64::from(time_ms - low) * halves).checked_div(range).unwrap_or(0) as u32
}

/// What a column of this height shows in a row, 0 being the lowest.
fn cell(height: u32, row: u32) -> char {
    match height.saturating_sub(2 * row) {
        0 => ' ',
        1 => '_',
        _ => '#',
    }
}

/// How long ago something was, in the largest unit that fits.
fn age(seconds: i64) -> Vec<char> {
    let (number, unit) = match seconds.max(0) {
        s @ 0..60 => (s, 's'),
        s @ 60..3600 => (s / 60, 'm'),
        s @ 3600..86_400 => (s / 3600, 'h'),
        s => (s / 86_400, 'd'),
    };
    format!("{number}{unit}").chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::{LatencyEvent, LatencyMonitor};

    #[test]
    fn a_column_per_sample() {
        let mut monitor = LatencyMonitor::default();
        for (at_s, ms) in [(100, 10), (101, 80), (160, 45), (165, 11)] {
            monitor.add(LatencyEvent::Command, at_s * 1_000_000, ms * 1_000_000);
        }
        let rule = "-".repeat(80);
        let expected = [
            "command - high 80 ms, low 10 ms (all time high 80 ms)",
            &rule,
            " #",
            " #",
            " ##",
            "_##_",
            "",
            "1111",
            "mm50",
            "  ss",
            "",
        ];
        let text = draw("command", monitor.of(LatencyEvent::Command).unwrap(), 175);
        let expected: Vec<&str> = expected.to_vec();
        assert_eq!(text.split('\n').collect::<Vec<_>>(), expected);
    }
}
