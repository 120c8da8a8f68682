"""Packets out and in."""

import asyncio

import finsy as fy
import questions
from checks import Checks, equal
from questions import ALWAYS, CPU_PORT, STATIONS

from finsy_checks.session import Asker

check = Checks("packets")


@check
async def metadata(session):
    """A packet comes back as it went out, with the metadata that the program gave it."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        payload = questions.question(station=5)
        await asker.send(payload, STATIONS)
        (packet,) = await asker.come_back()
        equal(packet.payload, payload, "the payload")
        expected = {"ingress_port": CPU_PORT, "table_number": STATIONS, "answer": 1}
        equal(packet.metadata, expected, "the metadata")


@check
async def many(session):
    """Packets come back in the order in which they went out, and none is lost."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        payloads = [questions.question(station=number) for number in range(1000)]
        back = []
        for start in range(0, 1000, 100):
            await controller.write(
                [
                    fy.P4PacketOut(payload, port=CPU_PORT, table_number=STATIONS)
                    for payload in payloads[start : start + 100]
                ]
            )
            back += await asker.come_back()
        equal([one.payload for one in back], payloads, "the payloads")


@check
async def by_type(session):
    """A controller that waits for one type of frames gets those."""
    async with session.switchboard() as controller:
        packets = controller.read_packets(eth_types=[0x0806])
        first = asyncio.create_task(anext(packets))
        await asyncio.sleep(0)
        for ether_type in [0x0800, 0x0806]:
            frame = questions.frame(ether_type, b"\1\2")
            await controller.write([fy.P4PacketOut(frame, port=CPU_PORT, table_number=ALWAYS)])
        equal((await first).payload, questions.frame(0x0806, b"\1\2"), "the payload")
        await packets.aclose()
