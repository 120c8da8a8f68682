//! `swadm table`.

use crate::args::TableCommand;
use crate::render::table_dump;
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::Failure;

pub(super) async fn carry_out(session: &Session, command: TableCommand) -> Result<(), Trouble> {
    match command {
        TableCommand::List => {
            let names = session.client.table_list().send().await;
            let names = names.map_err(Failure::from)?.into_inner();
            session.output.print(&names, |_| names.iter().map(|name| format!("{name}\n")).collect())
        }
        TableCommand::Dump { table, from_hardware } => {
            let request = session.client.table_dump().table(table).from_hardware(from_hardware);
            let dump = request.send().await.map_err(Failure::from)?.into_inner();
            session.output.print(&dump, |_| table_dump(&dump))
        }
    }
}
