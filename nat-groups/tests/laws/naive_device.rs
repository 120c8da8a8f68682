//! A device as a list of rows, which refuses what a device refuses.

use crate::universe::{share_a_packet, slot_key};
use nat_groups::{
    Capacity, DeviceRow, ExternalAddr, Family, Priority, RowCost, Slot, Target, Write,
};

#[derive(Clone, Debug)]
pub struct NaiveDevice {
    pub capacity: Capacity,
    pub row_cost: RowCost,
    rows: Vec<DeviceRow>,
}

impl NaiveDevice {
    pub fn new(capacity: Capacity, row_cost: RowCost) -> Self {
        Self { capacity, row_cost, rows: Vec::new() }
    }

    /// Performs one write, or says why not and changes nothing.
    pub fn perform(&mut self, write: &Write) -> Result<(), String> {
        match *write {
            Write::Insert(row) => self.insert(row),
            Write::Modify(row) => {
                let position = self.position(row.slot, row.priority)?;
                self.rows[position].target = row.target;
                Ok(())
            }
            Write::Delete { slot, priority } => {
                let position = self.position(slot, priority)?;
                self.rows.remove(position);
                Ok(())
            }
        }
    }

    fn insert(&mut self, row: DeviceRow) -> Result<(), String> {
        let DeviceRow { slot, priority, .. } = row;
        if priority.0 == 0 || (!self.capacity.has_priorities && priority != Priority::DEFAULT) {
            return Err(format!("{slot:?} cannot have priority {priority}"));
        }
        let in_the_way =
            |there: &&DeviceRow| share_a_packet(&there.slot, &slot) && there.priority == priority;
        if let Some(there) = self.rows.iter().find(in_the_way) {
            return Err(format!("{slot:?} overlaps {:?} at priority {priority}", there.slot));
        }
        let family = slot.family();
        if self.used(family) + self.cost(&slot) > self.capacity.size_rows[family] {
            return Err(format!("{slot:?} finds the {family} table full"));
        }
        self.rows.push(row);
        Ok(())
    }

    fn position(&self, slot: Slot, priority: Priority) -> Result<usize, String> {
        self.rows
            .iter()
            .position(|row| row.slot == slot && row.priority == priority)
            .ok_or_else(|| format!("{slot:?} has no row at priority {priority}"))
    }

    /// Where a packet goes.
    pub fn lookup(&self, external: ExternalAddr, port: u16) -> Option<Target> {
        self.rows
            .iter()
            .filter(|row| row.slot.external == external)
            .filter(|row| row.slot.ports.low() <= port && port <= row.slot.ports.high())
            .max_by_key(|row| row.priority.0)
            .map(|row| row.target)
    }

    /// All rows, by slot and then by priority.
    pub fn rows(&self) -> Vec<DeviceRow> {
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| (slot_key(&row.slot), row.priority.0));
        rows
    }

    /// The rows of one table, by slot and then by priority.
    pub fn table(&self, family: Family) -> Vec<DeviceRow> {
        self.rows().into_iter().filter(|row| row.slot.family() == family).collect()
    }

    pub fn cost(&self, slot: &Slot) -> u64 {
        u64::from((self.row_cost)(slot.ports))
    }

    pub fn used(&self, family: Family) -> u64 {
        self.table(family).iter().map(|row| self.cost(&row.slot)).sum()
    }

    /// Loses a row by itself, as devices do when they are reset.
    pub fn lose(&mut self, index: usize) {
        if !self.rows.is_empty() {
            self.rows.remove(index % self.rows.len());
        }
    }

    /// Gives a row another priority by itself, if no other row is in the way.
    pub fn give_priority(&mut self, index: usize, priority: Priority) {
        if self.rows.is_empty() {
            return;
        }
        let row = self.rows.remove(index % self.rows.len());
        if self.insert(DeviceRow { priority, ..row }).is_err() {
            self.rows.push(row);
        }
    }
}
