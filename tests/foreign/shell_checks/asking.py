"""Questions to the program by packet-outs of the shell, and its answers by packet-ins."""

from typing import NamedTuple

import p4runtime_sh.shell as sh
import questions
from checks import Failed

# How long a packet may take.
PATIENCE_S = 10


class PacketIn(NamedTuple):
    """A packet-in with its metadata by name."""

    payload: bytes
    metadata: dict


def send(payload, table_number, port=questions.CPU_PORT):
    """Sends a packet-out."""
    sh.PacketOut(payload, port=str(port), table_number=str(table_number)).send()


def receive():
    """The next packet-in."""
    message = sh.client.get_stream_packet("packet", timeout=PATIENCE_S)
    if message is None:
        raise Failed(f"no packet-in for {PATIENCE_S} s")
    name = sh.context.get_packet_metadata_name_from_id
    metadata = {
        name("packet_in", one.metadata_id): int.from_bytes(one.value, "big")
        for one in message.packet.metadata
    }
    return PacketIn(message.packet.payload, metadata)


def come_back():
    """All packets that come back of those that were sent before."""
    send(questions.LAST, questions.ALWAYS)
    packets = []
    while True:
        packet = receive()
        if packet.payload == questions.LAST:
            return packets
        packets.append(packet)


def ask(table_number, **key):
    """What a table answers for this key; nothing if the packet does not come back."""
    payload = questions.question(**key)
    send(payload, table_number)
    packets = come_back()
    if not packets:
        return None
    if len(packets) != 1 or packets[0].payload != payload:
        raise Failed(f"expected {payload!r} to come back, found {packets!r}")
    return packets[0].metadata["answer"]
