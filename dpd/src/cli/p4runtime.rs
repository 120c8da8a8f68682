//! How a switch that speaks P4Runtime is driven, in the settings.

use super::Backend;
use asic::{P4RuntimeConfig, RangeExpansion, SwitchAddress};
use p4runtime::config::P4Info;
use p4runtime::{InvalidP4Info, p4info_from_bytes};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use thiserror::Error;

/// The settings that only such a switch has, as given.
#[derive(Debug, Default)]
pub(super) struct P4RuntimeSettings {
    pub(super) device_id: Option<u64>,
    pub(super) election_id: Option<ElectionId>,
    pub(super) p4info: Option<PathBuf>,
    pub(super) device_config: Option<PathBuf>,
    pub(super) keep_pipeline: bool,
}

/// By which a switch tells the primary controller from its backups: a number above 0, or its upper
/// and lower 64 bits as in `0:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "ElectionIdSetting")]
pub struct ElectionId(pub u128);

/// Why a text is no election id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidElectionId {
    /// It has not the form.
    #[error(
        "{text:?} is no election id; write a number above 0, as in 7, or its upper and lower 64 \
         bits, as in 0:7"
    )]
    Form {
        /// The text.
        text: String,
    },
    /// With it nothing can be written.
    #[error("the election id 0 can never be that of the primary controller; the smallest is 1")]
    Zero,
}

/// Why a switch cannot be driven with these settings.
#[derive(Debug, Error)]
pub enum InvalidP4RuntimeSettings {
    /// A setting that another device has no use for.
    #[error("{setting} is for --asic p4runtime=ADDRESS, and the device is {backend}")]
    NotFor {
        /// The setting.
        setting: &'static str,
        /// The device.
        backend: Backend,
    },
    /// A setting that such a switch has no use for.
    #[error("{setting} is not for a P4Runtime switch: {reason}; leave it out")]
    NotForSwitch {
        /// The setting.
        setting: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// A setting without which nothing goes.
    #[error("a P4Runtime switch needs {setting}: {what}; or --keep-pipeline, to use what it runs")]
    Missing {
        /// The setting.
        setting: &'static str,
        /// What that is.
        what: &'static str,
    },
    /// A file cannot be read.
    #[error("{setting}: cannot read {}: {error}", path.display())]
    Unreadable {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file holds no P4Info.
    #[error("--p4info: {}: {error}", path.display())]
    P4Info {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: InvalidP4Info,
    },
}

impl P4RuntimeSettings {
    /// Unless told otherwise, the number of the switch.
    const DEVICE_ID: u64 = 1;
    const ELECTION_ID: ElectionId = ElectionId(1);

    /// Refuses what a device that is no P4Runtime switch would not look at.
    pub(super) fn none_for(&self, backend: &Backend) -> Result<(), InvalidP4RuntimeSettings> {
        let Self { device_id, election_id, p4info, device_config, keep_pipeline } = self;
        let given = [
            ("--device-id", device_id.is_some()),
            ("--election-id", election_id.is_some()),
            ("--p4info", p4info.is_some()),
            ("--device-config", device_config.is_some()),
            ("--keep-pipeline", *keep_pipeline),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((setting, _)) => {
                Err(InvalidP4RuntimeSettings::NotFor { setting, backend: backend.clone() })
            }
            None => Ok(()),
        }
    }

    /// Reads the files.
    pub(super) fn resolve(
        self,
        address: SwitchAddress,
        range_expansion: RangeExpansion,
    ) -> Result<P4RuntimeConfig, InvalidP4RuntimeSettings> {
        let Self { device_id, election_id, p4info, device_config, keep_pipeline } = self;
        let p4info = match p4info {
            Some(path) => p4info_from_bytes(&read("--p4info", &path)?)
                .map_err(|error| InvalidP4RuntimeSettings::P4Info { path, error })?,
            // That of the switch counts.
            None if keep_pipeline => P4Info::default(),
            None => {
                let what = "the P4Info of the program, as text or binary";
                return Err(InvalidP4RuntimeSettings::Missing { setting: "--p4info", what });
            }
        };
        let device_config = match device_config {
            Some(path) => read("--device-config", &path)?,
            None if keep_pipeline => Vec::new(),
            None => {
                let what = "the compiled program, in the form that the switch takes";
                return Err(InvalidP4RuntimeSettings::Missing { setting: "--device-config", what });
            }
        };
        Ok(P4RuntimeConfig {
            address,
            device_id: device_id.unwrap_or(Self::DEVICE_ID),
            election_id: election_id.unwrap_or(Self::ELECTION_ID).0,
            p4info,
            device_config,
            keep_pipeline,
            range_expansion,
        })
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, InvalidP4RuntimeSettings> {
    fs::read(path).map_err(|error| InvalidP4RuntimeSettings::Unreadable {
        setting,
        path: path.to_owned(),
        error,
    })
}

impl FromStr for ElectionId {
    type Err = InvalidElectionId;

    fn from_str(text: &str) -> Result<Self, InvalidElectionId> {
        let form = || InvalidElectionId::Form { text: text.to_owned() };
        let id = match text.split_once(':') {
            Some((high, low)) => {
                let half = |text: &str| text.parse::<u64>().map_err(|_| form());
                u128::from(half(high)?) << 64 | u128::from(half(low)?)
            }
            None => text.parse::<u128>().map_err(|_| form())?,
        };
        match id {
            0 => Err(InvalidElectionId::Zero),
            id => Ok(Self(id)),
        }
    }
}

/// An election id in the file: a number or a text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a number above 0, or a text such as \"0:7\"")]
enum ElectionIdSetting {
    Number(u64),
    Text(String),
}

impl TryFrom<ElectionIdSetting> for ElectionId {
    type Error = InvalidElectionId;

    fn try_from(setting: ElectionIdSetting) -> Result<Self, InvalidElectionId> {
        match setting {
            ElectionIdSetting::Number(number) => number.to_string().parse(),
            ElectionIdSetting::Text(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1", 1)]
    #[case("0:1", 1)]
    #[case("1:0", 1 << 64)]
    #[case("18446744073709551616", 1 << 64)]
    #[case("18446744073709551615:18446744073709551615", u128::MAX)]
    fn an_election_id_is_a_number_or_its_halves(#[case] text: &str, #[case] id: u128) {
        assert_eq!(text.parse(), Ok(ElectionId(id)));
    }

    #[rstest]
    #[case("0", "the smallest is 1")]
    #[case("0:0", "the smallest is 1")]
    #[case("", "is no election id")]
    #[case("-1", "is no election id")]
    #[case("1:", "is no election id")]
    #[case("1:18446744073709551616", "is no election id")]
    #[case("1:2:3", "is no election id")]
    fn what_is_no_election_id_is_told_why(#[case] text: &str, #[case] about: &str) {
        let error = text.parse::<ElectionId>().unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }
}
