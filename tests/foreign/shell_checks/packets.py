"""Packets out and in."""

import p4runtime_sh.shell as sh
import questions
from checks import Checks, equal
from p4.v1 import p4runtime_pb2 as p4r
from questions import CPU_PORT, STATIONS

from shell_checks.asking import come_back, receive, send

check = Checks("packets")


@check
def metadata(session):
    """A packet comes back as it went out, with the metadata that the program gave it."""
    session.switchboard()
    payload = questions.question(station=5)
    send(payload, STATIONS)
    packet = receive()
    equal(packet.payload, payload, "the payload")
    equal(
        packet.metadata,
        {"ingress_port": CPU_PORT, "table_number": STATIONS, "answer": 1},
        "the metadata",
    )


@check
def sniffed(session):
    """The shell's own way of receiving sees the packet."""
    session.switchboard()
    packet_in = sh.PacketIn()
    send(questions.question(station=5), STATIONS)
    # It waits for all of this time.
    (found,) = packet_in.sniff(timeout=1)
    equal(found.packet.payload, questions.question(station=5), "the payload")


@check
def canonical_metadata(session):
    """Metadata values are canonical byte strings, and zeros may lead those of a packet-out."""
    session.switchboard()
    # The shell fills up to the width.
    send(questions.question(), STATIONS)
    message = sh.client.get_stream_packet("packet", timeout=10)
    values = [one.value for one in message.packet.metadata]
    equal(values, [b"\x01\xfe", b"\x01", b"\x01"], "the values")


@check
def order(session):
    """Packets come back in the order in which they went out."""
    session.switchboard()
    payloads = [questions.question(station=number) for number in range(200)]
    for payload in payloads:
        send(payload, STATIONS)
    equal([one.payload for one in come_back()], payloads, "the payloads")


@check
def lengths(session):
    """Packets of all lengths come back whole."""
    session.switchboard()
    payloads = [questions.frame(0x0800, bytes(length)) for length in [0, 1, 46, 1486, 9000]]
    for payload in payloads:
        send(payload, STATIONS)
    equal([one.payload for one in come_back()], payloads, "the payloads")


@check
def cut_short(session):
    """A packet that is too short for the program's parser comes back as it is."""
    session.switchboard()
    payloads = [questions.question()[:length] for length in range(len(questions.question()))]
    for payload in payloads:
        send(payload, STATIONS)
    equal([one.payload for one in come_back()], payloads, "the payloads")


def stream_errors(session, message):
    """What the switch says of a packet-out by the stream."""
    sh.client.stream_out_q.put(p4r.StreamMessageRequest(packet=message))
    found = sh.client.get_stream_packet("unknown", timeout=10)
    equal(found is not None and found.WhichOneof("update"), "error", "what the stream says")
    return found.error


@check
def wrong_metadata(session):
    """A packet-out with metadata that is not the program's is dropped, and the switch says why."""
    session.switchboard()
    right = sh.PacketOut(questions.question(), port=str(CPU_PORT), table_number="1")
    right._update_msg()
    right = right._entry

    def changed(change):
        message = p4r.PacketOut()
        message.CopyFrom(right)
        change(message.metadata)
        return message

    def lose(fields):
        del fields[1]

    def repeat(fields):
        fields.add().CopyFrom(fields[0])

    def rename(fields):
        fields[0].metadata_id = 77

    def widen(fields):
        fields[0].value = b"\x02\x00"

    def empty(fields):
        fields[0].value = b""

    def add(fields):
        fields.add(metadata_id=77, value=b"\1")

    for change in [lose, repeat, rename, widen, empty, add]:
        error = stream_errors(session, changed(change))
        # INVALID_ARGUMENT, or OUT_OF_RANGE for a value that does not fit.
        equal(error.canonical_code in (3, 11), True, f"the code for {change.__name__}: {error}")
        equal(bool(error.message), True, f"whether there are words for {change.__name__}")
        equal(error.WhichOneof("details"), "packet_out", "what the error is about")
    equal(come_back(), [], "the packets that came back")


@check
def without_pipeline(session):
    """A packet-out to a switch without a pipeline is dropped, and the switch says why."""
    session.connect()
    error = stream_errors(session, p4r.PacketOut(payload=b"\0" * 64))
    equal(error.canonical_code, 9, f"the code (FAILED_PRECONDITION is 9) of {error}")
    equal(error.WhichOneof("details"), "packet_out", "what the error is about")


@check
def to_a_port_without_interface(session):
    """A packet-out to a port that is not there goes nowhere, and harms nothing."""
    session.switchboard()
    for port in [0, 1, 509, 511]:
        send(questions.question(station=port), STATIONS, port=port)
    equal(come_back(), [], "the packets that came back")


@check
def of_a_backup(session):
    """A controller that is not primary cannot send packets, and receives none."""
    session.switchboard()
    other = session.other((0, 1))
    other.bid((0, 1))
    equal(other.told(), ((0, 10), "ALREADY_EXISTS"), "what the backup is told")
    # What the shell's would be.
    shells = sh.PacketOut(questions.question(station=3), port=str(CPU_PORT), table_number="1")
    shells._update_msg()
    other.send(packet=shells._entry)
    error = other.received("error")
    equal(error.canonical_code, 7, f"the code (PERMISSION_DENIED is 7) of {error}")
    equal(error.WhichOneof("details"), "packet_out", "what the error is about")
    send(questions.question(station=4), STATIONS)
    equal([one.payload for one in come_back()], [questions.question(station=4)], "what came back")
    other.hears_nothing()


@check
def with_no_controller_headers(session):
    """Packets in and out work with a program that has no headers for them: the packet is all."""
    session.connect(session.programs.nat)
    # Dropped by the program, for the port is none of its own; the switch goes on.
    sh.client.stream_out_q.put(p4r.StreamMessageRequest(packet=p4r.PacketOut(payload=bytes(64))))
    equal(len(session.raw.read(p4r.Entity(counter_entry=p4r.CounterEntry()))) > 0, True, "counters")
    error = stream_errors(
        session,
        p4r.PacketOut(payload=bytes(64), metadata=[p4r.PacketMetadata(metadata_id=1, value=b"1")]),
    )
    equal(error.canonical_code, 3, f"the code (INVALID_ARGUMENT is 3) of {error}")
