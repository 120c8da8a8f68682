//! The longer steps of a run.

use crate::ir::TableId;
use crate::trace::{Event, Tracer};
use crate::verdict::MarkedToDrop;

use super::code::Target;
use super::layout::Slot;
use super::machine::{Machine, Surroundings};

/// How many states a parser may enter without moving forward in the packet.
const MAX_IDLE_STATES: u32 = 1 << 12;

impl<T: Tracer> Machine<'_, T> {
    /// The parser enters a state, unless it has been going round without moving forward.
    pub(super) fn enter(&mut self, state: u32, reject: Target) -> Option<Target> {
        let (cursor, idle) = &mut self.idle;
        if *cursor == self.cursor {
            *idle += 1;
        } else {
            (*cursor, *idle) = (self.cursor, 0);
        }
        if *idle > MAX_IDLE_STATES {
            return self.reject(self.around.errors.parser_timeout, reject);
        }
        let code = self.around.code;
        self.tracer.trace(|| {
            let name = &code.states[state as usize];
            Event::State { parser: name.parser.clone(), state: name.state.clone() }
        });
        None
    }

    pub(super) fn reject(&mut self, error: u128, to: Target) -> Option<Target> {
        self.rejected = true;
        self.error = error;
        let errors = self.around.errors;
        self.tracer.trace(|| Event::Rejected { error: errors.name(error) });
        Some(to)
    }

    pub(super) fn element_address(&mut self, to: Slot, index: Slot, stack: u32) {
        let stack = &self.around.code.stacks[stack as usize];
        let index = self.get(index);
        let address = if index < u128::from(stack.count) {
            stack.element(index as u32)
        } else {
            self.slots[stack.nowhere as usize..][..stack.stride as usize].fill(0);
            stack.nowhere
        };
        self.set(to, u128::from(address));
    }

    pub(super) fn push(&mut self, stack: u32, count: u32) {
        let stack = &self.around.code.stacks[stack as usize];
        let count = count.min(stack.count);
        let (first, stride) = (stack.element(0) as usize, stack.stride as usize);
        let (moved, kept) = (count as usize * stride, (stack.count - count) as usize * stride);
        let slots = &mut *self.slots;
        slots.copy_within(first..first + kept, first + moved);
        slots[first..first + moved].fill(0);
        let next = self.get(stack.next).saturating_add(count.into()).min(stack.count.into());
        self.set(stack.next, next);
    }

    pub(super) fn pop(&mut self, stack: u32, count: u32) {
        let stack = &self.around.code.stacks[stack as usize];
        let count = count.min(stack.count);
        let (first, stride) = (stack.element(0) as usize, stack.stride as usize);
        let (moved, kept) = (count as usize * stride, (stack.count - count) as usize * stride);
        let slots = &mut *self.slots;
        slots.copy_within(first + moved..first + moved + kept, first);
        slots[first + kept..first + kept + moved].fill(0);
        self.set(stack.next, self.get(stack.next).saturating_sub(count.into()));
    }

    /// Looks a packet up and says which action is to be run.
    pub(super) fn apply(&mut self, apply: u32) -> Option<Target> {
        let Surroundings { code, tables, descriptions, is_real, .. } = self.around;
        let apply = &code.applies[apply as usize];
        let table = &code.tables[apply.table as usize];
        let (slots, key) = (&mut *self.slots, &mut self.room.key);
        key.clear();
        key.extend(apply.keys.iter().map(|slot| slots[*slot as usize]));
        let found = tables.lookup(TableId(apply.table), key);
        slots[table.hit as usize] = u128::from(found.entry.is_some());
        slots[table.action as usize] = found.action as u128;
        if let Some(entry) = found.entry
            && table.direct_counter
            && is_real
        {
            entry.counter.count(self.packet.len() as u64);
        }
        self.tracer.trace(|| Event::Lookup(descriptions.lookup(apply.table, key, &found)));
        let action = table.actions.get(found.action)?;
        for (slot, value) in action.arguments.iter().zip(found.arguments) {
            slots[*slot as usize] = *value;
        }
        action.body
    }

    pub(super) fn mark(&mut self, site: u32) {
        let code = self.around.code;
        let parameters = &code.sites[site as usize].parameters;
        let arguments = parameters.iter().map(|parameter| self.get(parameter.slot)).collect();
        self.tracer.trace(|| {
            let site = code.sites[site as usize].clone();
            Event::MarkedToDrop(MarkedToDrop::new(site, &arguments, None))
        });
        self.marked = Some((site, arguments));
    }

    pub(super) fn log(&mut self, log: u32) {
        let log = &self.around.code.logs[log as usize];
        let slots = &self.slots;
        if let Some(sink) = self.around.log {
            sink(&log.line(|slot| slots[slot as usize]));
        }
        self.tracer.trace(|| Event::Log { text: log.line(|slot| slots[slot as usize]) });
    }

    /// Tells of something that happens to a header.
    pub(super) fn trace_header(
        &mut self,
        name: u32,
        at: Slot,
        event: impl FnOnce(String) -> Event,
    ) {
        let code = self.around.code;
        self.tracer.trace(|| {
            let name = &code.names[name as usize];
            event(match name.stack.map(|stack| &code.stacks[stack as usize]) {
                None => name.text.to_string(),
                Some(stack) => {
                    let index = at.checked_sub(stack.element(0)).map(|at| at / stack.stride);
                    match index.filter(|index| *index < stack.count) {
                        Some(index) => format!("{}[{index}]", name.text),
                        None => format!("{}[beyond its end]", name.text),
                    }
                }
            })
        });
    }
}
