//! A client asks for a change of routes or neighbours.

use crate::check::{NO_STALE, NOTHING_LEFT, TRUE_ANSWER, broken, require};
use crate::report::Broken;
use crate::routes::{RouteRule, any_command};
use crate::simulation::Simulation;
use crate::steps::Seen;
use dpd::controller::Failure;

impl Simulation {
    /// A client asks for a change of routes or neighbours.
    pub(crate) fn route(&mut self) -> Result<(), Broken> {
        let mut random = self.random.split();
        let ports: Vec<_> = self.settings.ports().map(|(number, _)| number).collect();
        let command = any_command(&ports, &mut random);
        let verdict = self.truth.judge_routes(&command);
        let stamp = self.stamp();
        let rows_before = self.switch.forwarding_rows();
        self.arm();
        self.coverage.note("request: routes and neighbours");
        let index = self.trace.len();
        self.tell(format!("{command:?}"));
        let (result, seen) = self
            .watched(None, |daemon| daemon.controller.change_forwarding(command.clone(), &stamp))?;
        if self.power.is_off() {
            self.trace[index] += " -> the daemon dies";
            self.coverage.note("crash within a request");
            self.maybe.extend(verdict);
            return self.crash();
        }
        self.trace[index] += &match &result {
            Ok(()) => " -> done".to_owned(),
            Err(failure) => format!(" -> {failure}"),
        };
        self.disarm();
        let is_untouched = self.switch.forwarding_rows() == rows_before;
        match (verdict, result) {
            (Ok(next), Ok(())) => {
                self.coverage.note("routes: done");
                self.truth = next;
                self.under_way.append(&mut self.maybe);
                match self.is_tampered {
                    true => Ok(()),
                    false => self.forwards().or_else(|found| broken(TRUE_ANSWER, found)),
                }
            }
            (Err(rule), Err(Failure::Forwarding(refusal))) => {
                self.coverage.note("routes: refused");
                require(RouteRule::of(&refusal) == rule, NO_STALE, || {
                    format!("it is refused ({refusal}), and the reason is {rule:?}")
                })?;
                require(seen.writes == 0, NOTHING_LEFT, || {
                    format!("{} rows were written", seen.writes)
                })
            }
            (Err(_), Err(Failure::Journal(_))) if seen.disk_faults > 0 => {
                // The journal is put in order before anything else is looked at.
                require(seen.writes == 0, NOTHING_LEFT, || {
                    format!("{} rows were written", seen.writes)
                })
            }
            (Ok(next), Err(failure)) => {
                if seen.unknown_commits > 0 {
                    self.maybe.push(next);
                }
                self.verify_routes_failure(&failure, is_untouched, &seen)
            }
            (Err(rule), other) => broken(
                NO_STALE,
                format!("it should be refused for {rule:?}, and is not: {other:?}"),
            ),
        }
    }

    fn verify_routes_failure(
        &mut self,
        failure: &Failure,
        is_untouched: bool,
        seen: &Seen,
    ) -> Result<(), Broken> {
        let device = seen.device_faults > 0 || seen.is_other_epoch || self.is_tampered;
        let disk = seen.disk_faults > 0;
        let (has_cause, is_torn, kind) = match failure {
            Failure::Device(_) => (device, false, "routes: device refused"),
            Failure::Torn(_) => (device, true, "routes: torn"),
            Failure::Journal(_) => (disk, false, "routes: journal failed"),
            Failure::TornByJournal { .. } => (device && disk, true, "routes: torn by journal"),
            _ => (false, false, "routes: other"),
        };
        self.coverage.note(kind);
        require(has_cause, TRUE_ANSWER, || format!("nothing was in its way: {failure}"))?;
        if self.is_tampered {
            return Ok(());
        }
        let whole = self.forwards();
        if is_torn {
            let doubtful = self.daemon.as_ref().map(|it| it.told.lock().doubtful.clone());
            let is_certain = doubtful.is_none_or(|tables| tables.is_empty());
            let is_certain = is_certain && !seen.is_other_epoch;
            return require(!is_certain || whole.is_err(), TRUE_ANSWER, || {
                format!("all is as it was, and it is said to be torn: {failure}")
            });
        }
        require(is_untouched || whole.is_ok(), NOTHING_LEFT, || {
            let found = whole.err().unwrap_or_default();
            format!("it is said that all is as it was ({failure}), and {found}")
        })
    }
}
