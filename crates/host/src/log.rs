//! The log: lines in Redis' format, to a file or to standard output.
//!
//! `pid:role day month year hour:minute:second.millisecond level message`

use engine::Level;
use parking_lot::RwLock;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// The log.
pub(crate) struct Log {
    /// The file; none: standard output.
    path: Option<PathBuf>,
    /// The least serious level that is written; none: nothing is.
    least: RwLock<Option<Level>>,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Log {
    pub(crate) fn new(path: Option<PathBuf>, least: Option<Level>) -> Log {
        Log { path, least: RwLock::new(least) }
    }

    pub(crate) fn set_level(&self, least: Option<Level>) {
        *self.least.write() = least;
    }

    /// Writes a line. The file is opened for each line, as Redis does, so that it may be rotated by renaming.
    pub(crate) fn write(&self, level: Level, text: &str) {
        if self.least.read().is_none_or(|least| level < least) {
            return;
        }
        let mark = match level {
            Level::Debug => '.',
            Level::Verbose => '-',
            Level::Notice => '*',
            Level::Warning => '#',
        };
        let line = format!("{}:M {} {mark} {text}\n", std::process::id(), timestamp());
        // A log that can't be written mustn't stop the server.
        let _ = match &self.path {
            None => std::io::stdout().lock().write_all(line.as_bytes()),
            Some(path) => OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .and_then(|mut file| file.write_all(line.as_bytes())),
        };
    }
}

fn timestamp() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, ms) = (since.as_secs() as i64, since.subsec_millis());
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let month = MONTHS[month as usize - 1];
    format!("{day:02} {month} {year} {hour:02}:{minute:02}:{second:02}.{ms:03}")
}

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`. UTC: the process reads no
/// time zone file.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::civil_date;

    #[test]
    fn dates() {
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(19_782), (2024, 2, 29));
        assert_eq!(civil_date(20_777), (2026, 11, 20));
    }
}
