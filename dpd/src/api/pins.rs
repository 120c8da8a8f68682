//! Generations that someone is reading.

use nat_groups::{Generation, GroupName, Version};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Generations that a page was served from, kept readable for a while after that page although
/// their group has moved on.
#[derive(Debug, Default)]
pub(super) struct Pins {
    /// By the time of the last page, the oldest first.
    pins: VecDeque<Pin>,
}

#[derive(Debug)]
struct Pin {
    group: GroupName,
    version: Arc<Version>,
    served: Instant,
}

impl Pins {
    /// How long after its last page a generation stays readable.
    pub(super) const LIFETIME: Duration = Duration::from_secs(60);
    /// How many generations are pinned at most, over all groups.
    pub(super) const MOST: usize = 64;

    /// Notes that a page of `version` was served now.
    pub(super) fn pin(&mut self, group: &GroupName, version: &Arc<Version>, now: Instant) {
        self.expire(now);
        self.pins
            .retain(|pin| !(pin.group == *group && pin.version.generation == version.generation));
        self.pins.push_back(Pin {
            group: group.clone(),
            version: Arc::clone(version),
            served: now,
        });
        if self.pins.len() > Self::MOST {
            self.pins.pop_front();
        }
    }

    /// The generation of that group, if it is pinned.
    pub(super) fn find(
        &mut self,
        group: &GroupName,
        generation: Generation,
        now: Instant,
    ) -> Option<Arc<Version>> {
        self.expire(now);
        self.pins
            .iter()
            .find(|pin| pin.group == *group && pin.version.generation == generation)
            .map(|pin| Arc::clone(&pin.version))
    }

    /// Lets go of all that nobody came back for.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.pins.front().is_some_and(|pin| now.duration_since(pin.served) > Self::LIFETIME) {
            self.pins.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nat_groups::{ChangeCounts, MappingSet, PerFamily, Stamp, one_row};

    fn version(generation: u64) -> Arc<Version> {
        Arc::new(Version {
            generation: Generation::new(generation).unwrap(),
            set: MappingSet::empty(one_row),
            reserve: PerFamily::default(),
            counts: ChangeCounts::default(),
            stamp: Stamp { unix_micros: 0, request_id: "".into() },
        })
    }

    fn found(pins: &mut Pins, generation: u64, now: Instant) -> bool {
        let group = GroupName::new("a").unwrap();
        pins.find(&group, Generation::new(generation).unwrap(), now).is_some()
    }

    #[test]
    fn a_pin_lasts_for_a_minute_after_the_last_page() {
        let group = GroupName::new("a").unwrap();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut pins = Pins::default();
        pins.pin(&group, &version(1), start);
        pins.pin(&group, &version(2), start);
        pins.pin(&group, &version(1), after(50));
        assert!(found(&mut pins, 1, after(70)));
        assert!(!found(&mut pins, 2, after(70)));
        assert!(!found(&mut pins, 1, after(111)));
    }

    #[test]
    fn of_too_many_pins_the_oldest_goes() {
        let group = GroupName::new("a").unwrap();
        let now = Instant::now();
        let mut pins = Pins::default();
        for generation in 1..=Pins::MOST as u64 + 1 {
            pins.pin(&group, &version(generation), now);
        }
        assert!(!found(&mut pins, 1, now));
        assert!(found(&mut pins, 2, now));
    }
}
