"""Counters and registers, counted by real packets."""

import finsy as fy
import questions
from checks import Checks, equal
from questions import PACKET_OUT_BYTES, REMEMBERED, STATIONS

from finsy_checks.session import Asker, everything, refused, refused_updates
from finsy_checks.tables import station

check = Checks("counters")

QUESTION_BYTES = PACKET_OUT_BYTES + len(questions.question())


@check
async def direct_counters(session):
    """A direct counter counts what hits its entry, and can be reset."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        await controller.insert([station(1), station(2)])
        for number in [1, 2, 1, 3]:
            await asker.ask(STATIONS, station=number)
        one = fy.P4DirectCounterEntry(
            "station_hits", table_entry=fy.P4TableEntry("stations", match=fy.Match(station=1))
        )
        (found,) = await everything(controller, one)
        equal((found.packet_count, found.byte_count), (2, 2 * QUESTION_BYTES), "one entry's")
        found = await everything(controller, fy.P4DirectCounterEntry("station_hits"))
        equal(sorted(each.packet_count for each in found), [1, 2], "all of the table")
        found = await everything(controller, fy.P4DirectCounterEntry())
        equal(sorted(each.packet_count for each in found), [1, 2], "all of all tables")
        one.data = fy.P4CounterData(packet_count=0, byte_count=0)
        await controller.modify([one])
        await asker.ask(STATIONS, station=1)
        (found,) = await everything(controller, one)
        equal((found.packet_count, found.byte_count), (1, QUESTION_BYTES), "when it was reset")


@check
async def with_entries(session):
    """Entries are read with their counters by those who ask for them."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        await controller.insert([station(1)])
        await asker.ask(STATIONS, station=1)
        (plain,) = await everything(controller, fy.P4TableEntry("stations"))
        equal(plain.counter_data, None, "unasked")
        found = await everything(controller, fy.P4TableEntry(counter_data=fy.P4CounterData()))
        counted = {one.table_id: one.counter_data for one in found}
        expected = fy.P4CounterData(packet_count=1, byte_count=QUESTION_BYTES)
        equal(counted["stations"], expected, "asked of all tables")
        equal(counted["bookmarks"], None, "of a table without counters")


@check
async def counter_arrays(session):
    """A counter array is read whole or in part, and can be reset."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        await asker.ask(STATIONS, station=1)
        one = fy.P4CounterEntry("questions", index=STATIONS)
        (found,) = await everything(controller, one)
        equal((found.packet_count, found.byte_count), (1, QUESTION_BYTES), "one counter")
        equal(len(await everything(controller, fy.P4CounterEntry("questions"))), 16, "an array")
        equal(len(await everything(controller, fy.P4CounterEntry())), 20, "all arrays")
        one.data = fy.P4CounterData(packet_count=5, byte_count=7)
        await controller.write([~one])
        (found,) = await everything(controller, one)
        equal((found.packet_count, found.byte_count), (5, 7), "when it was set")
        await controller.modify([fy.P4CounterEntry("questions", data=fy.P4CounterData())])
        found = await everything(controller, fy.P4CounterEntry("questions"))
        equal({each.packet_count for each in found}, {0}, "when all were reset")
        outside = fy.P4CounterEntry("questions", index=16, data=fy.P4CounterData())
        await refused_updates(controller.modify([outside]), {0: "OUT_OF_RANGE"})
        await refused_updates(controller.insert([one]), {0: "INVALID_ARGUMENT"})


@check
async def registers(session):
    """A register is written by packets and by the controller, and read by both."""
    async with session.switchboard() as controller, Asker(controller) as asker:
        await controller.insert([station(1, 0x12345678)])
        await asker.ask(STATIONS, station=1)
        (found,) = await everything(controller, fy.P4RegisterEntry("remembered", index=STATIONS))
        equal(found.data, 0x12345678, "what a packet wrote")
        await controller.write([fy.P4RegisterEntry("remembered", index=3, data=2**32 - 1)])
        equal(await asker.ask(REMEMBERED, port=3), 2**32 - 1, "what a packet reads")
        found = await everything(controller, fy.P4RegisterEntry("remembered"))
        equal([one.index for one in found], list(range(16)), "the indices")
        equal([found[3].data, found[5].data], [2**32 - 1, 0], "two values")
        equal(len(await everything(controller, fy.P4RegisterEntry())), 16, "all registers")
        outside = fy.P4RegisterEntry("remembered", index=16, data=1)
        await refused_updates(controller.modify([outside]), {0: "OUT_OF_RANGE"})
        await refused(everything(controller, fy.P4RegisterEntry("remembered", index=16)), "UNKNOWN")
