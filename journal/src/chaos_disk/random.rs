//! A small random number generator of our own, so that a seed means the same run for ever.

/// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
/// 2014, with the constants of Vigna's `splitmix64.c`.
#[derive(Clone, Debug)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 to before `end`; 0 if `end` is 0.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        ((self.next() as u128 * end as u128) >> 64) as u64
    }

    /// Another generator, whose numbers have nothing to do with those that follow.
    pub(super) const fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// Whether something happens that does so `parts` times out of `whole`.
    pub(super) const fn happens(&mut self, parts: u64, whole: u64) -> bool {
        self.below(whole) < parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that `splitmix64.c` gives for the seed 1234567.
    #[test]
    fn a_seed_gives_the_published_numbers() {
        let mut random = SplitMix64::new(1_234_567);
        let numbers: [u64; 3] = std::array::from_fn(|_| random.next());
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }
}
