//! Whether the daemon's answers are true.

use crate::check::{
    NO_MISS, NO_STALE, NOTHING_LEFT, TRUE_ANSWER, broken, holds, holds_only, require,
};
use crate::client::Sent;
use crate::model::{ModelGroup, Rule, Verdict, World, rows};
use crate::report::Broken;
use crate::simulation::Simulation;
use crate::steps::Seen;
use dpd::controller::{Done, Failure};
use nat_groups::{DeviceRow, Digest, Family, GroupName};

impl Simulation {
    /// An answer in a few words.
    pub(crate) fn outcome(&mut self, result: &Result<Done, Failure>, seen: &Seen) -> String {
        let (kind, words) = match result {
            Ok(done) => ("answer: done", format!("done, {} writes", done.writes + done.repaired)),
            Err(failure) => {
                let kind = match failure {
                    Failure::Refused(refusal) => {
                        self.coverage.note(&format!("refusal: {}", Rule::of(refusal)));
                        "answer: refused"
                    }
                    Failure::Full(_) => "answer: full",
                    Failure::Device(_) => "answer: device refused",
                    Failure::Torn(_) => "answer: torn",
                    Failure::Journal(_) => "answer: journal failed",
                    Failure::TornByJournal { .. } => "answer: torn by journal",
                    _ => "answer: other",
                };
                (kind, format!("{}: {failure}", kind.trim_start_matches("answer: ")))
            }
        };
        self.coverage.note(kind);
        format!("{words} ({} writes seen, {} commits)", seen.writes, seen.commits)
    }

    /// Checks an answer, and takes down what it promises.
    pub(crate) fn verify(
        &mut self,
        sent: &Sent,
        verdict: &Verdict,
        result: &Result<Done, Failure>,
        seen: &Seen,
    ) -> Result<(), Broken> {
        // What fails for want of the journal may not have come as far as the switch.
        let is_asleep = match result {
            Err(Failure::Refused(_)) => true,
            Err(Failure::Journal(_)) => seen.writes == 0,
            _ => sent.dry_run,
        };
        if !is_asleep {
            self.seen_epoch = self.switch.epoch();
        }
        match (verdict, result) {
            (Verdict::Refused(rule), Err(Failure::Refused(refusal))) => {
                let given = Rule::of(refusal);
                require(given == *rule, NO_STALE, || {
                    format!("it is refused for {given} ({refusal}), and the reason is {rule}")
                })?;
                self.nothing_done(seen)
            }
            (Verdict::Refused(rule), Ok(_)) => {
                broken(NO_STALE, format!("it is taken, and should be refused for {rule}"))
            }
            (Verdict::Refused(rule), Err(other)) => {
                broken(NO_STALE, format!("it should be refused for {rule}, and fails: {other}"))
            }
            (Verdict::Taken { .. }, Err(Failure::Refused(refusal))) => {
                broken(NO_STALE, format!("it is refused although it may be: {refusal}"))
            }
            (Verdict::Taken { next, touched }, Ok(done)) => {
                self.has_room(next)?;
                if sent.dry_run {
                    self.coverage.note("dry run");
                    return self.nothing_done(seen);
                }
                self.verify_done(next, touched, done, seen)
            }
            (Verdict::Taken { next, .. }, Err(Failure::Full(full))) => {
                require(!self.is_roomy(next, &seen.rows_before), TRUE_ANSWER, || {
                    format!("there is room for all, and it is said to be full: {full}")
                })?;
                require(seen.writes == 0, NOTHING_LEFT, || {
                    format!("{} rows were written although it is full", seen.writes)
                })
            }
            (Verdict::Taken { next, touched }, Err(failure)) => {
                require(!sent.dry_run, NOTHING_LEFT, || {
                    format!("a dry run fails for something that it does not do: {failure}")
                })?;
                self.begun(seen, next);
                self.verify_failure(next, touched, failure, seen)
            }
        }
    }

    /// Checks that what is said to be done is, and promises it.
    fn verify_done(
        &mut self,
        next: &World,
        touched: &[GroupName],
        done: &Done,
        seen: &Seen,
    ) -> Result<(), Broken> {
        for outcome in &done.outcomes {
            let group = next.group(&outcome.group);
            let generation = group.map(ModelGroup::generation).or(next.tombstone(&outcome.group));
            let digest = group
                .and_then(ModelGroup::current)
                .map_or(Digest::EMPTY, |current| current.digest());
            require(
                generation == Some(outcome.generation) && digest == outcome.digest,
                TRUE_ANSWER,
                || {
                    format!(
                        "the answer tells of generation {} of {} with digest {}, and it is \
                         {generation:?} with {digest}",
                        outcome.generation, outcome.group, outcome.digest
                    )
                },
            )?;
        }
        self.excuse_named_misses(done, next, seen)?;
        let before = std::mem::replace(&mut self.truth, next.clone());
        self.under_way.append(&mut self.maybe);
        let whole = self.holds_all(touched, &before);
        if !self.under_way.is_empty() {
            self.under_way.push(before);
        }
        if self.is_tampered {
            return Ok(());
        }
        whole.or_else(|found| broken(TRUE_ANSWER, format!("it is said to be done, and {found}")))
    }

    fn verify_failure(
        &mut self,
        next: &World,
        touched: &[GroupName],
        failure: &Failure,
        seen: &Seen,
    ) -> Result<(), Broken> {
        if seen.unknown_commits > 0 {
            self.maybe.push(next.clone());
        }
        self.excuse_misses(seen)?;
        let device = seen.device_faults > 0 || seen.is_other_epoch || self.is_tampered;
        let (has_cause, is_torn) = match failure {
            Failure::Device(_) => (device, false),
            Failure::Torn(_) => (device, true),
            Failure::Journal(_) => (seen.disk_faults > 0, false),
            Failure::TornByJournal { .. } => (seen.disk_faults > 0 && device, true),
            _ => (false, false),
        };
        require(has_cause, TRUE_ANSWER, || format!("nothing was in its way: {failure}"))?;
        if self.is_tampered {
            return Ok(());
        }
        let is_untouched = self.switch.rows() == seen.rows_before;
        let whole = self.holds_all(touched, next);
        if is_torn {
            let doubtful = self.daemon.as_ref().map(|it| it.told.lock().doubtful.clone());
            let is_certain = doubtful.is_none_or(|tables| tables.is_empty());
            let is_certain = is_certain && !seen.is_other_epoch;
            let all = holds_only(&self.switch.rows(), &self.truth.mappings());
            return require(!is_certain || all.is_err(), TRUE_ANSWER, || {
                format!("all is as it was, and it is said to be torn: {failure}")
            });
        }
        require(is_untouched || whole.is_ok(), NOTHING_LEFT, || {
            let found = whole.err().unwrap_or_default();
            format!("it is said that all is as it was ({failure}), and {found}")
        })
    }

    /// Whether the switch holds exactly what these groups say, gone or not, and nothing that they
    /// say in the other world alone.
    fn holds_all(&self, touched: &[GroupName], other: &World) -> Result<(), String> {
        let rows = self.switch.rows();
        let truth = self.truth.mappings();
        for name in touched {
            holds(&rows, self.truth.group(name).map_or(&[][..], ModelGroup::mappings))?;
            let others = other.group(name).map_or(&[][..], ModelGroup::mappings);
            let is_surplus = |row: &&DeviceRow| {
                others.iter().any(|mapping| mapping.slot == row.slot)
                    && !truth.iter().any(|mapping| mapping.slot == row.slot)
            };
            if let Some(surplus) = rows.iter().find(is_surplus) {
                return Err(format!("{surplus:?} should not be there"));
            }
        }
        Ok(())
    }

    fn nothing_done(&self, seen: &Seen) -> Result<(), Broken> {
        require(seen.writes == 0 && seen.commits == 0, NOTHING_LEFT, || {
            format!("{} rows and {} steps were written", seen.writes, seen.commits)
        })
    }

    /// Checks that what was taken fits.
    fn has_room(&self, next: &World) -> Result<(), Broken> {
        for family in Family::ALL {
            let size = self.size_rows();
            let needed = next.committed(family, self.cost());
            let before = self.truth.committed(family, self.cost());
            require(needed <= size || needed <= before, TRUE_ANSWER, || {
                format!("{needed} {family} rows are promised of {size}")
            })?;
        }
        Ok(())
    }

    /// Whether all that is there and all that is to come have room side by side, reservations too.
    pub(crate) fn is_roomy(&self, next: &World, now: &[DeviceRow]) -> bool {
        let cost = self.cost();
        Family::ALL.into_iter().all(|family| {
            let here = now.iter().filter(|row| row.slot.family() == family);
            let here: u64 = here.map(|row| u64::from(cost(row.slot.ports))).sum();
            let to_come = rows(&next.mappings(), family, cost);
            let size = self.size_rows();
            here + to_come <= size && next.committed(family, cost) <= size
        })
    }

    fn size_rows(&self) -> u64 {
        u64::from(self.switch.config().memory.size_rows[asic::Table::NatIngressIpv4])
    }

    /// Whether nothing makes it necessary that packets find nothing.
    fn has_no_excuse(&self, next: &World, seen: &Seen) -> bool {
        let config = self.switch.config().memory;
        let worlds = [next, &self.truth].into_iter().chain(&self.under_way);
        config.has_priorities
            && !self.is_tampered
            && worlds.into_iter().all(|world| self.is_roomy(world, &seen.rows_before))
    }

    /// Checks that packets that found nothing are of gaps that the answer names, and that there had
    /// to be any.
    fn excuse_named_misses(
        &mut self,
        done: &Done,
        next: &World,
        seen: &Seen,
    ) -> Result<(), Broken> {
        self.coverage.add("gap that the answer names", done.gaps.len() as u64);
        let is_named =
            |packet| done.gaps.iter().any(|slot| crate::universe::Packet::is_of(packet, slot));
        if let Some(probe) = seen.missed.iter().find(|probe| !is_named(probe.packet)) {
            let write = probe.missed.as_deref().unwrap_or_default();
            return broken(
                NO_MISS,
                format!(
                    "after {write} a packet to {} finds nothing, and no gap is named there",
                    probe.packet
                ),
            );
        }
        let has_no_excuse = self.has_no_excuse(next, seen);
        require(done.gaps.is_empty() || !has_no_excuse, NO_MISS, || {
            format!("there is room for all, and there are gaps: {:?}", done.gaps)
        })
    }

    /// Checks that packets found nothing only for want of room or of priorities.
    pub(crate) fn excuse_misses(&mut self, seen: &Seen) -> Result<(), Broken> {
        let Some(probe) = seen.missed.first() else { return Ok(()) };
        self.coverage.note("gap on the way back");
        require(!self.has_no_excuse(&self.truth, seen), NO_MISS, || {
            let write = probe.missed.as_deref().unwrap_or_default();
            format!("after {write} a packet to {} finds nothing", probe.packet)
        })
    }
}
