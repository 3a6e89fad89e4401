//! From registers to a number: the estimator of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
//! sketches" (2017), algorithm 6. It needs no correction for small or large numbers.

use super::{INDEX_BITS, REGISTERS};

/// Bits of a hash that ranks are found in.
const RANK_BITS: usize = (u64::BITS - INDEX_BITS) as usize;
/// What a register may hold.
const RANKS: usize = 64;

/// The estimate for registers so high that no elements have made them: what a number beyond 63 bits becomes in Redis,
/// where it is shown as the lowest number there is.
const BEYOND: u64 = 1 << 63;

/// How many registers have each rank.
pub(super) struct Histogram([u32; RANKS]);

impl Default for Histogram {
    fn default() -> Self {
        Histogram([0; RANKS])
    }
}

impl Histogram {
    /// So many more registers have this rank.
    #[inline]
    pub(super) fn add(&mut self, rank: u8, times: usize) {
        self.0[usize::from(rank) % RANKS] += times as u32;
    }

    /// How many elements there are, about.
    pub(super) fn estimate(&self) -> u64 {
        /// 1 / (2 ln 2).
        const ALPHA: f64 = 0.721_347_520_444_481_7;
        let all = REGISTERS as f64;
        let share = |rank: usize| f64::from(self.0[rank]) / all;
        let highest = (all - f64::from(self.0[RANK_BITS + 1])) / all;
        let mut sum = all * tau(highest);
        for rank in (1..=RANK_BITS).rev() {
            sum = 0.5 * (sum + f64::from(self.0[rank]));
        }
        sum += all * sigma(share(0));
        let estimate = (ALPHA * all * all / sum).round();
        if estimate < BEYOND as f64 { estimate as u64 } else { BEYOND }
    }
}

/// x + x^2 + 2 x^4 + 4 x^8 + ...
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut factor, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * factor;
        factor += factor;
        if sum == before {
            return sum;
        }
    }
}

/// (1 - x - (1 - x^(1/2))^2 / 2 - (1 - x^(1/4))^2 / 4 - ...) / 3
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut factor, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        factor *= 0.5;
        sum -= (1.0 - x).powi(2) * factor;
        if sum == before {
            return sum / 3.0;
        }
    }
}
