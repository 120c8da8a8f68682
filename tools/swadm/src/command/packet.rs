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

/// A line for each place that the packet goes to or for why it goes nowhere, behind the steps if they
/// are wanted.
fn in_lines(ingress: u16, frame: &[u8], trace: &PacketTrace, steps: bool) -> String {
    let PacketTrace { outputs, dropped, steps: told } = trace;
    let what = summary(frame);
    let mut lines = String::new();
    if steps {
        told.iter().for_each(|step| lines += &format!("  {step}\n"));
    }
    let went = outputs.iter().map(|PacketOutput { port, frame }| {
        let out = summary(&from_hex(frame).unwrap_or_default());
        // What is inside a tunnel is mostly what came in, and was said just before.
        let out = out.strip_suffix(&format!(": {what}")).unwrap_or(&out);
        format!("out by port {port}, {out}")
    });
    let lost = dropped.iter().map(|reason| format!("dropped {reason}"));
    went.chain(lost).for_each(|fate| {
        lines += &format!("{what}, in by port {ingress}: {fate}\n");
    });
    lines
}
