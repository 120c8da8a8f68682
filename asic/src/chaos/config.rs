//! How unreliable a device should be, as a value and as text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// Which faults a [`ChaosAsic`](crate::ChaosAsic) makes by chance, and how often.
///
/// A rate is per call: of [`write`](crate::Asic::write), whatever the length of its batch, and for
/// `refuse` and `delay` also of a read. At most one of `refuse`, `midway` and `lose` strikes a
/// call, the first in this order. As text, names that are left out are as in the default:
///
/// ```
/// use asic::ChaosConfig;
///
/// let config: ChaosConfig = "seed=7,refuse=0.01,midway=0.02,delay=0.05".parse()?;
/// assert_eq!(config.seed, 7);
/// assert_eq!(config.lose.get(), 0.0);
/// assert_eq!(
///     config.to_string(),
///     "seed=7,refuse=0.01,midway=0.02,lose=0,delay=0.05,max-delay-ms=20",
/// );
/// # Ok::<(), asic::ChaosConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChaosConfig {
    /// The same seed and the same calls give the same faults.
    pub seed: u64,
    /// How often a call is refused, nothing of it done.
    pub refuse: Rate,
    /// How often a batch is performed up to some write and refused there.
    pub midway: Rate,
    /// How often the answer gets lost: some of the batch is performed, and no one learns which.
    pub lose: Rate,
    /// How often a call takes time.
    pub delay: Rate,
    /// The time that a delayed call takes at most; 20 ms unless said otherwise.
    pub max_delay: Duration,
}

/// How often something happens, from 0 (never) to 1 (every time).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// Why a text does not describe a [`ChaosConfig`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChaosConfigError {
    /// An item is not of the form `name=value`.
    #[error("`{item}` is not of the form name=value")]
    NotAPair {
        /// The item.
        item: String,
    },
    /// Nothing has this name.
    #[error("there is no `{name}`; there are {}", NAMES.join(", "))]
    UnknownName {
        /// The name given.
        name: String,
    },
    /// A name is given twice.
    #[error("`{name}` is given twice")]
    Repeated {
        /// The name.
        name: String,
    },
    /// The value is not a rate.
    #[error("{name}: `{value}` is not a rate from 0 to 1")]
    NotARate {
        /// The name.
        name: String,
        /// What was given for it.
        value: String,
    },
    /// The value is not a whole number.
    #[error("{name}: `{value}` is not a whole number from 0 to 2^64-1")]
    NotANumber {
        /// The name.
        name: String,
        /// What was given for it.
        value: String,
    },
}

/// What can be given by name.
const NAMES: [&str; 6] = ["seed", "refuse", "midway", "lose", "delay", "max-delay-ms"];

impl Rate {
    /// Not at all.
    pub const NEVER: Rate = Rate(0.0);

    /// Every time.
    pub const ALWAYS: Rate = Rate(1.0);

    /// A rate, or `None` if it is not from 0 to 1.
    pub fn new(rate: f64) -> Option<Rate> {
        (0.0..=1.0).contains(&rate).then_some(Rate(rate))
    }

    /// From 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Default for ChaosConfig {
    /// No faults.
    fn default() -> ChaosConfig {
        ChaosConfig {
            seed: 0,
            refuse: Rate::NEVER,
            midway: Rate::NEVER,
            lose: Rate::NEVER,
            delay: Rate::NEVER,
            max_delay: Duration::from_millis(20),
        }
    }
}

impl FromStr for ChaosConfig {
    type Err = ChaosConfigError;

    fn from_str(text: &str) -> Result<ChaosConfig, ChaosConfigError> {
        let mut config = ChaosConfig::default();
        let mut given = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) = item
                .split_once('=')
                .ok_or_else(|| ChaosConfigError::NotAPair { item: item.to_owned() })?;
            if given.contains(&name) {
                return Err(ChaosConfigError::Repeated { name: name.to_owned() });
            }
            given.push(name);
            match name {
                "seed" => config.seed = parse_number(name, value)?,
                "refuse" => config.refuse = parse_rate(name, value)?,
                "midway" => config.midway = parse_rate(name, value)?,
                "lose" => config.lose = parse_rate(name, value)?,
                "delay" => config.delay = parse_rate(name, value)?,
                "max-delay-ms" => {
                    config.max_delay = Duration::from_millis(parse_number(name, value)?);
                }
                _ => return Err(ChaosConfigError::UnknownName { name: name.to_owned() }),
            }
        }
        Ok(config)
    }
}

/// The text that parses to the same configuration, down to the millisecond.
impl fmt::Display for ChaosConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ChaosConfig { seed, refuse, midway, lose, delay, max_delay } = self;
        write!(
            formatter,
            "seed={seed},refuse={},midway={},lose={},delay={},max-delay-ms={}",
            refuse.0,
            midway.0,
            lose.0,
            delay.0,
            max_delay.as_millis()
        )
    }
}

fn parse_number(name: &str, value: &str) -> Result<u64, ChaosConfigError> {
    value.parse().map_err(|_| ChaosConfigError::NotANumber {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

fn parse_rate(name: &str, value: &str) -> Result<Rate, ChaosConfigError> {
    value.parse().ok().and_then(Rate::new).ok_or_else(|| ChaosConfigError::NotARate {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("")]
    #[case("seed=7,refuse=0.01,midway=0.01,lose=0.01,delay=0.05,max-delay-ms=20")]
    #[case("lose=1, refuse=0.5")]
    fn a_configuration_and_its_text_are_the_same(#[case] text: &str) {
        let config: ChaosConfig = text.parse().unwrap();
        assert_eq!(config.to_string().parse(), Ok(config));
    }

    #[rstest]
    #[case("refuse", "`refuse` is not of the form name=value")]
    #[case(
        "reject=1",
        "there is no `reject`; there are seed, refuse, midway, lose, delay, max-delay-ms"
    )]
    #[case("lose=0.1,lose=0.1", "`lose` is given twice")]
    #[case("lose=1.01", "lose: `1.01` is not a rate from 0 to 1")]
    #[case("lose=-0.1", "lose: `-0.1` is not a rate from 0 to 1")]
    #[case("lose=NaN", "lose: `NaN` is not a rate from 0 to 1")]
    #[case("delay=often", "delay: `often` is not a rate from 0 to 1")]
    #[case("seed=-1", "seed: `-1` is not a whole number from 0 to 2^64-1")]
    #[case("max-delay-ms=2.5", "max-delay-ms: `2.5` is not a whole number from 0 to 2^64-1")]
    fn a_text_that_is_no_configuration_is_refused_with_the_reason(
        #[case] text: &str,
        #[case] reason: &str,
    ) {
        assert_eq!(text.parse::<ChaosConfig>().unwrap_err().to_string(), reason);
    }
}
