//! `oom-score-adj-values`: how likely the kernel is to kill the processes of this server.

use crate::value::{Origin, Problem, Value, WRONG_NUMBER, Word, list_items, parse_lenient};

/// The adjustments of a primary, a replica and a background process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OomScores(pub [i32; 3]);

impl Value for OomScores {
    type Rule = ();

    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        let items = list_items(words, origin)?;
        let [primary, replica, background] = items.as_ref() else { return Err(WRONG_NUMBER.into()) };
        for (place, word) in self.0.iter_mut().zip([primary, replica, background]) {
            *place = parse_lenient(word)
                .filter(|score| (-2000..=2000).contains(score))
                .ok_or("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")?;
        }
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        self.0.map(|score| score.to_string()).join(" ").into_bytes()
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        Some(vec![self.show(&())])
    }

    fn allowed((): &()) -> String {
        "three integers from -2000 to 2000".into()
    }
}
