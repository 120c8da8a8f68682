//! The operations on tables.

use super::context::{Context, LARGE_ITEMS};
use super::groups::{parameters, render};
use super::problem::Problem;
use crate::convert;
use crate::lower::{self, family_of};
use asic::{InvalidRow, Row, Table};
use dpd_api::{PathParams, QueryParams, Rendered};
use dpd_types::{NoQuery, TableCounter, TableCountersQuery, TableDump, TableDumpQuery, TablePath};
use nat_groups::{ExternalAddr, Slot};

pub(super) fn list(query: QueryParams<NoQuery>) -> Result<Vec<String>, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(Table::ALL.iter().map(|table| table.name().to_owned()).collect())
}

pub(super) async fn dump(
    context: &Context,
    path: PathParams<TablePath>,
    query: QueryParams<TableDumpQuery>,
) -> Result<Rendered<TableDump>, Problem> {
    let table = table(path)?;
    let TableDumpQuery { from_hardware } = parameters(query)?;
    let size = context.controller().size_rows()[table].into();
    let entries = move |entries| TableDump { name: table.name().to_owned(), size, entries };
    if from_hardware {
        let rows = context.controller().read_table(table).await.map_err(Problem::Read)?;
        return context
            .compute(rows.len() > LARGE_ITEMS, move || {
                render(&entries(rows.iter().map(convert::table_entry).collect()))
            })
            .await;
    }
    let snapshot = context.snapshot();
    let Some(family) = family_of(table) else {
        return context
            .compute(snapshot.forwarding_rows.len() > LARGE_ITEMS, move || {
                let rows = snapshot.forwarding_rows.iter();
                let rows = rows
                    .filter(|(key, _)| key.table() == table)
                    .map(|(key, action)| Row::new(*key, *action));
                let rows = rows.map(|row| row.map(|row| convert::table_entry(&row)));
                render(&entries(rows.collect::<Result<_, _>>().map_err(not_its_table)?))
            })
            .await;
    };
    context
        .compute(snapshot.store.len() > LARGE_ITEMS, move || {
            let first = Slot::first_of(ExternalAddr::lowest(family));
            let rows = snapshot
                .applied
                .iter_from(first)
                .take_while(|row| row.slot.family() == family)
                .map(|row| lower::row(&row).map(|row| convert::table_entry(&row)))
                .collect::<Result<_, _>>()
                .map_err(not_its_table)?;
            render(&entries(rows))
        })
        .await
}

/// The counters are those of the device in any case; there is no copy that could be stale.
pub(super) async fn counters(
    context: &Context,
    path: PathParams<TablePath>,
    query: QueryParams<TableCountersQuery>,
) -> Result<Rendered<Vec<TableCounter>>, Problem> {
    let table = table(path)?;
    let TableCountersQuery { force_sync: _ } = parameters(query)?;
    let counters = context.controller().read_counters(table).await.map_err(Problem::Read)?;
    context
        .compute(counters.len() > LARGE_ITEMS, move || {
            let counter = |(key, counter)| convert::table_counter(&key, counter);
            render(&counters.into_iter().map(counter).collect())
        })
        .await
}

fn not_its_table(_: InvalidRow) -> Problem {
    Problem::Internal("a row does not fit its table")
}

fn table(path: PathParams<TablePath>) -> Result<Table, Problem> {
    let TablePath { table } = path.into_result().map_err(Problem::Parameter)?;
    Table::from_name(&table).ok_or(Problem::NoSuchTable { table })
}
