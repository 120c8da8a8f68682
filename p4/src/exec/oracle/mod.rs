//! The proof that the executable form does what programs say: random programs and packets, run by
//! it and by an evaluator that is slow and plain.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod evaluate;
mod externs;
mod generate;
mod generate_expressions;
mod generate_statements;
mod numbers;
mod places;
mod values;

use std::sync::Arc;

use proptest::prelude::*;

use super::layout::Storage;
use super::{Executable, Input};
use crate::ir::{ExternId, Program, VariableId};
use crate::table::Tables;
use crate::trace::Silent;
use evaluate::Oracle;

/// Runs a packet both ways and compares what goes out and what is left in variables and registers.
fn compare(program: &Program, port: u16, packet: &[u8]) {
    let executable = Executable::new(program).unwrap();
    let externs = super::Externs::new(program);
    let tables = Tables::new(program, |table| table.size);
    let mut scratch = executable.scratch();
    let mut sent = None;
    let input = Input {
        port,
        packet,
        tables: &tables,
        externs: &externs,
        clock: None,
        log: None,
        is_real: true,
    };
    let emit = &mut |port, packet: &[u8]| sent = Some((u128::from(port), packet.to_vec()));
    executable.run(input, &mut scratch, &mut Silent, emit);

    let mut oracle = Oracle::new(program, packet);
    let expected = oracle.pipeline(port.into());
    for id in 0..2 {
        for index in 0..3 {
            let (found, right) = (externs.read(id, index), oracle.externs.read(id, index));
            assert_eq!(found, right, "register {:?}[{index}]", ExternId(id));
        }
    }
    assert_eq!(sent, expected);
    if oracle.stopped {
        // An assertion ended the run amid calls: nobody sees what is in variables, and what a
        // call changed may stand in an argument already.
        return;
    }
    let storage = Storage::new(program).unwrap();
    for (variable, id) in program.variables.iter().zip(0..).filter(|(v, _)| &*v.name == "local") {
        let id = VariableId(id);
        let mut right = Vec::new();
        values::flatten(program, &variable.ty, &oracle.variables[&id], &mut right);
        let start = storage.variable(id) as usize;
        assert_eq!(&scratch.slots[start..start + right.len()], right, "{id:?} {:?}", variable.ty);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 300, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn random_programs_do_with_packets_what_the_plain_evaluator_says(
        choices in prop::collection::vec(
            prop::collection::vec(any::<u32>(), 0..600),
            generate::PARTS,
        ),
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..4),
        port in 0_u16..512,
    ) {
        let program = Arc::new(generate::program(&choices));
        for packet in packets {
            compare(&program, port, &packet);
        }
    }
}
