//! A small seeded generator of random numbers (xoshiro256++, D. Blackman and S. Vigna, 2019).
//!
//! Fast and statistically good; not for secrets.

/// A generator; equal seeds give equal sequences.
#[derive(Clone, Debug)]
pub struct Prng {
    state: [u64; 4],
}

impl Prng {
    /// A generator whose state is spread from `seed` by SplitMix64, so that similar seeds give unrelated sequences.
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let mut next = || {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = counter;
            word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ word >> 31
        };
        Self { state: [next(), next(), next(), next()] }
    }

    /// A generator of its own, seeded by this one.
    pub fn fork(&mut self) -> Prng {
        Prng::new(self.next_u64())
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ b << 17, d.rotate_left(45)];
        result
    }

    /// A number below `bound`, each equally likely (D. Lemire, "Fast Random Integer Generation in an Interval",
    /// 2018); 0 if `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let biased = bound.wrapping_neg() % bound;
            while (product as u64) < biased {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// A number in `0.0..1.0` with 53 random bits.
    pub fn unit_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Fills `out` with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_of_the_reference_implementation() {
        let mut prng = Prng { state: [1, 2, 3, 4] };
        let expected = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386];
        assert_eq!([(); 4].map(|()| prng.next_u64()), expected);
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut prng = Prng::new(1);
        assert_eq!(prng.below(0), 0);
        assert_eq!(prng.below(1), 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[prng.below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|&count| (9_500..10_500).contains(&count)), "{counts:?}");
        let large = (1 << 63) + 1;
        assert!((0..1000).all(|_| prng.below(large) < large));
    }

    #[test]
    fn fill_covers_every_length() {
        for len in 0..40 {
            let (mut filled, mut words) = (vec![0; len], Prng::new(7));
            Prng::new(7).fill(&mut filled);
            for chunk in filled.chunks(8) {
                assert_eq!(chunk, &words.next_u64().to_le_bytes()[..chunk.len()]);
            }
        }
    }

    #[test]
    fn unit_is_in_range() {
        let mut prng = Prng::new(3);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&prng.unit_f64())));
    }
}
