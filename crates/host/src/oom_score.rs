//! How likely the kernel is to kill this process when memory runs out: `oom-score-adj`.

use config::{Config, OomScoreAdj};
use parking_lot::Mutex;
use std::io;
use std::path::PathBuf;

/// What the kernel takes.
const LIMITS: (i32, i32) = (-1000, 1000);

/// The kernel's adjustment for a process.
pub(crate) struct OomScore {
    file: PathBuf,
    /// What it was before the server changed it, while the server adjusts it.
    original: Mutex<Option<i32>>,
}

impl OomScore {
    /// That of this process.
    pub(crate) fn of_process() -> OomScore {
        OomScore { file: "/proc/self/oom_score_adj".into(), original: Mutex::default() }
    }

    /// Follows a configuration that says something else than the one before.
    ///
    /// # Errors
    /// The kernel doesn't allow it: a process may be made less likely to be killed only with privileges. Nothing has
    /// changed then.
    pub(crate) fn follow(&self, config: &Config) -> io::Result<()> {
        let mut original = self.original.lock();
        let [adjustment, ..] = config.oom_score_adj_values.0;
        let base = match (config.oom_score_adj, *original) {
            (OomScoreAdj::No, None) => return Ok(()),
            (OomScoreAdj::No, Some(score)) => {
                self.write(score)?;
                *original = None;
                return Ok(());
            }
            (_, Some(score)) => score,
            (_, None) => self.read()?,
        };
        let (least, most) = LIMITS;
        let score =
            if config.oom_score_adj == OomScoreAdj::Absolute { adjustment } else { base + adjustment };
        self.write(score.clamp(least, most))?;
        *original = Some(base);
        Ok(())
    }

    fn read(&self) -> io::Result<i32> {
        let text = std::fs::read_to_string(&self.file)?;
        text.trim().parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
    }

    fn write(&self, score: i32) -> io::Result<()> {
        std::fs::write(&self.file, score.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::OomScores;

    fn configured(adjusted: OomScoreAdj, score: i32) -> Config {
        Config {
            oom_score_adj: adjusted,
            oom_score_adj_values: OomScores([score, 0, 0]),
            ..Config::default()
        }
    }

    #[test]
    fn adjustments_are_relative_to_what_was_found() {
        let file = std::env::temp_dir().join(format!("redstart-oom-score-{}", std::process::id()));
        std::fs::write(&file, "22\n").expect("a file");
        let score = OomScore { file: file.clone(), original: Mutex::default() };
        let steps = [
            (OomScoreAdj::No, 5, "22\n"),
            (OomScoreAdj::Yes, 9, "31"),
            (OomScoreAdj::Relative, 20, "42"),
            (OomScoreAdj::Absolute, 20, "20"),
            (OomScoreAdj::Absolute, -2000, "-1000"),
            (OomScoreAdj::Yes, 1999, "1000"),
            (OomScoreAdj::No, 1999, "22"),
        ];
        for (adjusted, value, expected) in steps {
            score.follow(&configured(adjusted, value)).expect("the file can be written");
            assert_eq!(std::fs::read_to_string(&file).expect("the file"), expected, "{adjusted:?} {value}");
        }
        std::fs::remove_file(&file).expect("the file");
        score.follow(&configured(OomScoreAdj::No, 0)).expect("nothing is to be done");
        score.follow(&configured(OomScoreAdj::Yes, 0)).expect_err("the file isn't there");
        assert_eq!(*score.original.lock(), None);
    }
}
