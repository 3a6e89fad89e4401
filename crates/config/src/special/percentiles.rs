//! `latency-tracking-info-percentiles`: what `INFO latencystats` reports.

use base::num;

use crate::value::{Origin, Problem, Value, Word, list_items};

/// Percentiles from 0 to 100, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub struct Percentiles(pub Vec<f64>);

/// Percentiles have six decimal places, shown without trailing zeros.
fn show_one(percentile: f64) -> String {
    let fixed = format!("{percentile:.6}");
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn parse_one(word: &[u8]) -> Result<f64, Problem> {
    let percentile = num::parse_f64(word).ok_or("Invalid latency-tracking-info-percentiles parameters")?;
    if !(0.0..=100.0).contains(&percentile) {
        return Err("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]".into());
    }
    // The value is what is shown, so that a rewritten file means the same.
    Ok(show_one(percentile).parse().unwrap_or(percentile))
}

impl Value for Percentiles {
    type Rule = ();

    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        self.0 = list_items(words, origin)?.iter().map(|word| parse_one(word)).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        self.0.iter().map(|&percentile| show_one(percentile)).collect::<Vec<_>>().join(" ").into_bytes()
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        let words = if self.0.is_empty() { b"\"\"".to_vec() } else { self.show(&()) };
        Some(vec![words])
    }

    fn allowed((): &()) -> String {
        "numbers from 0 to 100, or \"\"".into()
    }
}
