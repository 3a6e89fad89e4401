//! `save`: when to take a snapshot.

use crate::value::{Origin, Problem, Value, Word, list_items, parse_lenient};

/// A snapshot is due when so many changes have been made and so long has passed since the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// The time since the last snapshot.
    pub seconds: u32,
    /// The changes since the last snapshot.
    pub changes: u32,
}

/// All save points; none means that no snapshot is ever due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavePoints(pub Vec<SavePoint>);

impl SavePoints {
    /// The schedule of a server without a `save` line.
    pub(crate) fn standard() -> Self {
        let point = |seconds, changes| SavePoint { seconds, changes };
        Self(vec![point(3600, 1), point(300, 100), point(60, 10_000)])
    }

    fn words(&self) -> Vec<Word> {
        self.0.iter().map(|point| format!("{} {}", point.seconds, point.changes).into_bytes()).collect()
    }
}

fn parse(items: &[Word]) -> Option<Vec<SavePoint>> {
    let (pairs, []) = items.as_chunks::<2>() else { return None };
    pairs.iter().map(|[seconds, changes]| parse_point(seconds, changes)).collect()
}

fn parse_point(seconds: &[u8], changes: &[u8]) -> Option<SavePoint> {
    let seconds = u32::try_from(parse_lenient(seconds)?).ok().filter(|&seconds| seconds > 0)?;
    let changes = u32::try_from(parse_lenient(changes)?).ok()?;
    Some(SavePoint { seconds, changes })
}

impl Value for SavePoints {
    type Rule = ();

    /// The first line replaces the default, later ones add to it, and an empty one forgets what came before.
    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        let items = list_items(words, origin)?;
        let points = parse(&items).ok_or("Invalid save parameters")?;
        if origin != Origin::LaterLine || points.is_empty() {
            self.0.clear();
        }
        self.0.extend(points);
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        self.words().join(&b' ')
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        Some(if self.0.is_empty() { vec![b"\"\"".to_vec()] } else { self.words() })
    }

    fn allowed((): &()) -> String {
        "pairs of seconds and changes, or \"\"".into()
    }
}
