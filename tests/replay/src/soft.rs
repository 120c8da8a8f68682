//! The switch that runs the P4 program.

use asic::{Asic, PerTable, SoftAsic, SoftConfig, SoftError, SoftHandle, Table};
use p4::Runner;

use crate::switch::{Switch, SwitchFailure};

/// A switch of one's own in this process, on which the P4 program runs.
pub struct SoftSwitch {
    asic: SoftAsic,
    handle: SoftHandle,
    runner: Runner,
}

impl SoftSwitch {
    /// A switch with so many rows in its NAT tables.
    ///
    /// # Errors
    ///
    /// If the program and the list of tables do not agree.
    pub fn new(ipv4_rows: u32, ipv6_rows: u32) -> Result<Self, SoftError> {
        let size_rows = PerTable::from_fn(|table| match table {
            Table::NatIngressIpv4 => ipv4_rows,
            Table::NatIngressIpv6 => ipv6_rows,
            other => other.spec().size_rows,
        });
        let asic = SoftAsic::new(SoftConfig { size_rows, ..SoftConfig::default() })?;
        let handle = asic.handle();
        Ok(Self { runner: handle.runner(), handle, asic })
    }
}

impl Switch for SoftSwitch {
    fn asic(&mut self) -> &mut dyn Asic {
        &mut self.asic
    }

    fn send(&mut self, port: u16, frame: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, SwitchFailure> {
        let mut outputs = Vec::new();
        let mut emit = |port, frame: &[u8]| outputs.push((port, frame.to_vec()));
        self.handle.process(&mut self.runner, port, frame, &mut emit);
        Ok(outputs)
    }

    fn trace(&mut self, port: u16, frame: &[u8]) -> Result<String, SwitchFailure> {
        Ok(self.handle.trace(port, frame).to_string())
    }
}
