//! Numbers about many durations.

use std::time::Duration;

/// Durations, in order. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// These durations, or nothing if there are none.
    pub(crate) fn new(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort_unstable();
        (!durations.is_empty()).then_some(Self(durations))
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The one in the middle, or the mean of the two there.
    pub(crate) fn median(&self) -> Duration {
        let (lower, upper) = (self.0[(self.0.len() - 1) / 2], self.0[self.0.len() / 2]);
        (lower + upper) / 2
    }

    /// The least.
    pub(crate) fn least(&self) -> Duration {
        self.0[0]
    }

    /// The greatest.
    pub(crate) fn greatest(&self) -> Duration {
        self.0[self.0.len() - 1]
    }

    /// The least one that at least `percent` of all do not exceed (the nearest-rank method).
    pub(crate) fn percentile(&self, percent: u8) -> Duration {
        let rank = (self.0.len() * usize::from(percent)).div_ceil(100);
        self.0[rank.clamp(1, self.0.len()) - 1]
    }
}

/// A duration as a number of microseconds.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn samples(millis: &[u64]) -> Samples {
        Samples::new(millis.iter().copied().map(Duration::from_millis).collect()).unwrap()
    }

    #[test]
    fn of_no_durations_there_is_nothing_to_say() {
        assert_eq!(Samples::new(Vec::new()), None);
    }

    #[rstest]
    #[case(&[7], 7_000)]
    #[case(&[9, 1, 5], 5_000)]
    #[case(&[4, 1, 9, 5], 4_500)]
    fn the_median_is_in_the_middle(#[case] millis: &[u64], #[case] micros: u64) {
        assert_eq!(samples(millis).median(), Duration::from_micros(micros));
    }

    #[rstest]
    #[case(0, 1)]
    #[case(1, 1)]
    #[case(50, 50)]
    #[case(99, 99)]
    #[case(100, 100)]
    fn a_percentile_of_a_hundred_is_the_one_of_that_rank(#[case] percent: u8, #[case] millis: u64) {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(samples(&hundred).percentile(percent), Duration::from_millis(millis));
    }

    proptest! {
        #[test]
        fn enough_samples_do_not_exceed_a_percentile_and_it_is_the_least_such(
            millis in proptest::collection::vec(0_u64..50, 1..200),
            percent in 1_u8..=100,
        ) {
            let value = samples(&millis).percentile(percent).as_millis() as u64;
            let enough = |limit: u64, inclusive: bool| {
                let within = millis.iter().filter(|at| **at < limit || (inclusive && **at == limit));
                within.count() * 100 >= millis.len() * usize::from(percent)
            };
            prop_assert!(enough(value, true));
            prop_assert!(!enough(value, false));
        }
    }
}
