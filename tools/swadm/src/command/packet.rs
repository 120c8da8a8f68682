//! `swadm packet`: what becomes of a packet.

use crate::args::{PacketArgs, PacketCommand};
use crate::packet::{frame, from_hex, summary, to_hex};
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::Failure;
use dpd_types::{PacketOutput, PacketRequest, PacketTrace};

pub(super) async fn carry_out(session: &Session, command: PacketCommand) -> Result<(), Trouble> {
    let PacketCommand::Trace(PacketArgs {
        to,
        l4_port,
        frame: given,
        protocol,
        ingress,
        count,
        steps,
    }) = command;
    let frame = match (given, to) {
        (Some(given), _) => given.0,
        (None, Some(to)) => frame(to, l4_port.unwrap_or_default(), protocol),
        // The command line requires one of the two.
        (None, None) => Vec::new(),
    };
    let request = PacketRequest { port: ingress, frame: to_hex(&frame), count };
    let sent = session.client.packet_trace().body(request).send().await;
    let trace = sent.map_err(Failure::from)?.into_inner();
    session.output.print(&trace, |_| in_lines(ingress, &frame, &trace, steps))
}

/// One line for what went in and what came out, and one more for each step if they are wanted.
fn in_lines(ingress: u16, frame: &[u8], trace: &PacketTrace, steps: bool) -> String {
    let PacketTrace { outputs, dropped, steps: told } = trace;
    let mut lines = format!("In by port {ingress}: {}\n", summary(frame));
    if steps {
        told.iter().for_each(|step| lines += &format!("    {step}\n"));
    }
    for PacketOutput { port, frame } in outputs {
        let frame = from_hex(frame).unwrap_or_default();
        lines += &format!("Out by port {port}: {}\n", summary(&frame));
    }
    if let Some(reason) = dropped {
        lines += &format!("Dropped: {reason}\n");
    }
    lines
}
