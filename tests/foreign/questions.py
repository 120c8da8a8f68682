"""What the program `switchboard.p4` can be asked."""

import struct

# The port that leads to the controller.
CPU_PORT = 510

STATIONS, ROUTES, RULES, SERVICES, CLASSES, BOOKMARKS, FIXED, ALWAYS, REMEMBERED = range(1, 10)

# How many bytes the header of a packet-out takes before the frame.
PACKET_OUT_BYTES = 2

ETHERTYPE_QUESTION = 0x88B5
DESTINATION = bytes.fromhex("0200000000aa")
SOURCE = bytes.fromhex("0200000000bb")


def question(station=0, address=0, port=0, protocol=0):
    """A frame with the key to look for."""
    ethernet = DESTINATION + SOURCE + struct.pack(">H", ETHERTYPE_QUESTION)
    return ethernet + station.to_bytes(6, "big") + struct.pack(">IHB", address, port, protocol)


def frame(ether_type, payload=b""):
    """A frame that asks nothing."""
    return DESTINATION + SOURCE + struct.pack(">H", ether_type) + payload


# A question that always has an answer, by which one sees that all before it had their turn.
LAST = question(port=0xFFFF)
