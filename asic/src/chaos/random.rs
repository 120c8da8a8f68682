//! A small random number generator of our own, so that a seed means the same run for ever.

use std::time::Duration;

use super::config::Rate;

/// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
/// 2014, with the constants of Vigna's `splitmix64.c`.
#[derive(Clone, Debug)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub(super) const fn new(seed: u64) -> SplitMix64 {
        SplitMix64(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    /// A number from 0 to before `end`; 0 if `end` is 0.
    pub(super) const fn below(&mut self, end: usize) -> usize {
        ((self.next() as u128 * end as u128) >> 64) as usize
    }

    /// A coin.
    pub(super) const fn coin(&mut self) -> bool {
        self.next() >> 63 == 1
    }

    /// Whether something of this rate happens now.
    pub(super) fn happens(&mut self, rate: Rate) -> bool {
        self.fraction() < rate.get()
    }

    /// A time from zero to before `end`.
    pub(super) fn duration_below(&mut self, end: Duration) -> Duration {
        end.mul_f64(self.fraction())
    }

    /// A number from 0 to before 1, out of the 2^53 that an `f64` tells apart.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that `splitmix64.c` gives for the seed 1234567.
    #[test]
    fn a_seed_gives_the_published_numbers() {
        let mut random = SplitMix64::new(1_234_567);
        let numbers: [u64; 5] = std::array::from_fn(|_| random.next());
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn a_rate_of_nothing_never_happens_and_one_of_all_always_does() {
        let mut random = SplitMix64::new(1);
        let mut count = |rate| (0..10_000).filter(|_| random.happens(rate)).count();
        assert_eq!(count(Rate::NEVER), 0);
        assert_eq!(count(Rate::ALWAYS), 10_000);
        let tenth = count(Rate::new(0.1).unwrap());
        assert!((900..1100).contains(&tenth), "{tenth}");
    }

    #[test]
    fn a_number_is_below_its_end_and_reaches_all_before_it() {
        let mut random = SplitMix64::new(1);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[random.below(7)] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(random.below(0), 0);
    }
}
