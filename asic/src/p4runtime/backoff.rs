//! How long to wait before a switch is tried again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// Twice as long each time, and a little by chance, so that controllers that lost a switch at the
/// same moment do not all come back at the same.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    random: u64,
}

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

impl Backoff {
    /// With chance of its own: the keys of hash maps are drawn by the system.
    pub(super) fn new() -> Backoff {
        Backoff::seeded(RandomState::new().build_hasher().finish())
    }

    fn seeded(seed: u64) -> Backoff {
        Backoff { next: SHORTEST, random: seed | 1 }
    }

    /// How long to wait now: from three quarters to the whole of a time that doubles.
    pub(super) fn wait(&mut self) -> Duration {
        let longest = self.next;
        self.next = (2 * longest).min(LONGEST);
        // Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let quarter = longest / 4;
        longest - quarter.mul_f64((self.random >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_limit_and_varies() {
        let mut seen = Vec::new();
        for seed in [7, 8, 0] {
            let mut backoff = Backoff::seeded(seed);
            let waits: Vec<Duration> = (0..10).map(|_| backoff.wait()).collect();
            for (wait, longest) in waits.iter().zip([100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
                let longest = Duration::from_millis(longest);
                assert!(longest * 3 / 4 <= *wait && *wait <= longest, "{wait:?} of {longest:?}");
            }
            seen.push(waits);
        }
        assert_ne!(seen[0], seen[1]);
        assert_ne!(seen[1], seen[2]);
    }
}
