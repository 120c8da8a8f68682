//! What becomes of a packet.

use super::context::Context;
use super::groups::parameters;
use super::problem::Problem;
use crate::convert;
use dpd_api::{JsonBody, QueryParams};
use dpd_types::{NoQuery, PacketRequest, PacketTrace};

/// Runs a packet through the device's program.
pub(super) async fn trace(
    context: &Context,
    query: QueryParams<NoQuery>,
    body: JsonBody<PacketRequest>,
) -> Result<PacketTrace, Problem> {
    let NoQuery {} = parameters(query)?;
    let request = body.parse().map_err(Problem::Body)?;
    let (port, frame, count) = convert::packet(request).map_err(Problem::Packet)?;
    let told = context.ask_packets(move |packets| packets.trace(port, &frame, count)).await?;
    Ok(convert::packet_trace(told.flatten().ok_or(Problem::NoPackets)?))
}
