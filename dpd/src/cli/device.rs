//! The device among the settings, and how it comes to be.

use super::p4runtime::{InvalidP4RuntimeSettings, P4RuntimeSettings};
use super::{Backend, NatRows, RowCosts};
use crate::forwarding::{Forwarding, PortNumber};
use crate::packets::{Alarm, Device};
use crate::soft::SoftPackets;
use crate::switch;
use asic::soft_ports::PortsError;
use asic::{
    MemoryAsic, MemoryConfig, P4RuntimeConfig, P4RuntimeError, PerTable, RangeExpansion, SoftAsic,
    SoftConfig, SoftError,
};
use slog::Logger;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use thiserror::Error;

/// The settings of the device as given, on the command line or in the file.
pub(super) struct GivenDevice {
    pub(super) backend: Backend,
    pub(super) nat_rows: Option<NatRows>,
    pub(super) row_costs: RowCosts,
    pub(super) packet_threads: Option<NonZeroUsize>,
    pub(super) p4runtime: P4RuntimeSettings,
}

/// What device to take, with all that it needs to be told.
#[derive(Debug)]
pub(super) enum DeviceSettings {
    Soft { config: SoftConfig, packet_threads: NonZeroUsize },
    Memory(MemoryConfig),
    P4Runtime(Box<P4RuntimeConfig>),
}

/// Why there is no such device.
#[derive(Debug, Error)]
pub enum NoDevice {
    /// The switch and the list of tables do not agree.
    #[error(transparent)]
    Soft(#[from] SoftError),
    /// An interface is not there.
    #[error(transparent)]
    Ports(#[from] PortsError),
    /// The switch cannot be driven.
    #[error(transparent)]
    P4Runtime(#[from] P4RuntimeError),
    /// Packets of an interface that nobody would move.
    #[error(
        "port {port} cannot be the interface {interface}: {reason}; leave interfaces out, or take \
         `soft`"
    )]
    NoInterfaces {
        /// The port.
        port: PortNumber,
        /// The interface that it was given.
        interface: String,
        /// Why not.
        reason: &'static str,
    },
}

impl GivenDevice {
    /// Reads the files that are named, and refuses what the device has no use for.
    pub(super) fn resolve(self) -> Result<DeviceSettings, InvalidP4RuntimeSettings> {
        let Self { backend, nat_rows, row_costs, packet_threads, p4runtime } = self;
        let range_expansion = match row_costs {
            RowCosts::One => RangeExpansion::None,
            RowCosts::Tofino => RangeExpansion::TernaryNibbles,
        };
        let sizes = nat_rows.unwrap_or_default();
        let size_rows = PerTable::from_fn(|table| sizes.of(table));
        match backend {
            Backend::Memory => {
                p4runtime.none_for(&backend)?;
                let config = MemoryConfig { size_rows, range_expansion, ..MemoryConfig::default() };
                Ok(DeviceSettings::Memory(config))
            }
            Backend::Soft => {
                p4runtime.none_for(&backend)?;
                let config = SoftConfig { size_rows, range_expansion, ..SoftConfig::default() };
                let packet_threads = packet_threads
                    .or_else(|| thread::available_parallelism().ok())
                    .unwrap_or(NonZeroUsize::MIN);
                Ok(DeviceSettings::Soft { config, packet_threads })
            }
            Backend::P4Runtime(address) => {
                let needless = [
                    ("--nat-rows", nat_rows.is_some(), "it says how many rows its tables have"),
                    ("--packet-threads", packet_threads.is_some(), "it moves packets by itself"),
                ];
                match needless.into_iter().find(|(_, is_given, _)| *is_given) {
                    Some((setting, _, reason)) => {
                        Err(InvalidP4RuntimeSettings::NotForSwitch { setting, reason })
                    }
                    None => {
                        let config = p4runtime.resolve(address, range_expansion)?;
                        Ok(DeviceSettings::P4Runtime(Box::new(config)))
                    }
                }
            }
        }
    }
}

impl DeviceSettings {
    /// The device, whose ports these are. Blocks while a switch is being connected to, for
    /// `timeout` at the longest.
    pub(super) fn open(
        &self,
        forwarding: &Forwarding,
        timeout: Duration,
        log: &Logger,
    ) -> Result<Device, NoDevice> {
        match self {
            DeviceSettings::Memory(config) => {
                no_interfaces(forwarding, "the device `memory` forwards no packets")?;
                Ok(Device::of_tables(Box::new(MemoryAsic::new(*config))))
            }
            DeviceSettings::Soft { config, packet_threads } => {
                let asic = SoftAsic::new(*config)?;
                let packets = SoftPackets::new(asic.handle(), forwarding, *packet_threads)?;
                let (asic, packets) = (Box::new(asic), Arc::new(packets));
                Ok(Device { asic, packets: Some(packets), alarm: Alarm::default() })
            }
            DeviceSettings::P4Runtime(config) => {
                no_interfaces(forwarding, "the interfaces of a P4Runtime switch are its own")?;
                Ok(switch::connect((**config).clone(), timeout, log)?)
            }
        }
    }
}

/// A daemon that took interfaces and never looked at them would seem to forward.
fn no_interfaces(forwarding: &Forwarding, reason: &'static str) -> Result<(), NoDevice> {
    let mut ports = forwarding.ports();
    match ports.find_map(|(number, port)| Some((number, port.interface.clone()?))) {
        Some((port, interface)) => Err(NoDevice::NoInterfaces { port, interface, reason }),
        None => Ok(()),
    }
}
