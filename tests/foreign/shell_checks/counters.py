"""Counters and registers, counted by real packets."""

import p4runtime_sh.shell as sh
import questions
from checks import Checks, equal
from p4.v1 import p4data_pb2
from p4.v1 import p4runtime_pb2 as p4r
from questions import PACKET_OUT_BYTES, REMEMBERED, STATIONS

from shell_checks.asking import ask, come_back, send
from shell_checks.messages import (
    NO_COUNTER,
    NO_REGISTER,
    action,
    counter_id,
    entry,
    exact,
    insert,
    modify,
    register_id,
)
from shell_checks.refusals import INVALID, NOT_FOUND, UNKNOWN_ID
from shell_checks.rpc import refused

check = Checks("counters")

# What a question counts: the frame with the header of the packet-out before it.
QUESTION_BYTES = PACKET_OUT_BYTES + len(questions.question())


def station(session, number):
    """Inserts a station with the shell and gives it."""
    # A direct counter of the shell's knows its table by the full name.
    made = sh.TableEntry("Switchboard.stations")(action="answer")
    made.match["station"] = str(number)
    made.action["value"] = str(number)
    made.insert()
    return made


def counts(counter):
    """Packets and bytes of the shell's counter entry."""
    return counter.packet_count, counter.byte_count


def direct_of(one_station):
    """The direct counter entry of a station, read anew."""
    counter = sh.DirectCounterEntry("station_hits")
    counter.table_entry = one_station
    (found,) = counter.read()
    return found


@check
def direct_counters(session):
    """A direct counter counts the packets and the bytes that hit its entry."""
    session.switchboard()
    one, two = station(session, 1), station(session, 2)
    for number in [1, 1, 1, 2, 3]:
        ask(STATIONS, station=number)
    equal(counts(direct_of(one)), (3, 3 * QUESTION_BYTES), "the first station's")
    equal(counts(direct_of(two)), (1, QUESTION_BYTES), "the second station's")
    equal(len(list(sh.DirectCounterEntry("station_hits").read())), 2, "all of the table")


@check
def direct_counters_with_their_entries(session):
    """A read of entries has the counters if it asks for them."""
    session.switchboard()
    one = station(session, 1)
    ask(STATIONS, station=1)
    (plain,) = session.raw.read(entry("stations"))
    equal(plain.table_entry.HasField("counter_data"), False, "whether there are counters unasked")
    (counted,) = session.raw.read(entry("stations", counter_data=p4r.CounterData()))
    expected = p4r.CounterData(packet_count=1, byte_count=QUESTION_BYTES)
    equal(counted.table_entry.counter_data, expected, "the counters")
    # The shell asks for counters of entries whose counters were looked at.
    equal(one.counter_data.packet_count, 0, "the packets that the shell begins with")
    (found,) = one.read()
    equal(found.counter_data.packet_count, 1, "the packets that the shell reads")


@check
def direct_counters_that_are_written(session):
    """A direct counter can be set, reset, and set with the insert."""
    session.switchboard()
    one = station(session, 1)
    ask(STATIONS, station=1)
    counter = direct_of(one)
    counter.packet_count, counter.byte_count = 1000, 5
    counter.modify()
    ask(STATIONS, station=1)
    equal(counts(direct_of(one)), (1001, 5 + QUESTION_BYTES), "the counters when they were set")
    counter.packet_count, counter.byte_count = 0, 0
    counter.modify()
    equal(counts(direct_of(one)), (0, 0), "the counters when they were reset")
    data = p4r.CounterData(packet_count=7, byte_count=8)
    with_data = entry("stations", {"station": exact(2)}, action("answer", 1), counter_data=data)
    equal([o.code for o in session.raw.write([insert(with_data)])], ["OK"], "the insert")
    equal(session.raw.read(with_data), [with_data], "the entry that was inserted with counters")
    # A modify leaves counters alone unless it has some.
    again = entry("stations", {"station": exact(2)}, action("answer", 2))
    equal([o.code for o in session.raw.write([modify(again)])], ["OK"], "the modify")
    (found,) = session.raw.read(with_data)
    equal(found.table_entry.counter_data, data, "the counters after a modify")


@check
def a_new_entry_counts_anew(session):
    """An entry that is deleted and inserted again counts from 0."""
    session.switchboard()
    one = station(session, 1)
    ask(STATIONS, station=1)
    one.delete()
    one.insert()
    equal(counts(direct_of(one)), (0, 0), "the counters")


@check
def counter_arrays(session):
    """A counter array counts by its index, and is read whole or in part."""
    session.switchboard()
    for _ in range(3):
        ask(STATIONS, station=1)
    counter = sh.CounterEntry("questions")
    counter.index = STATIONS
    (found,) = counter.read()
    equal((found.index, *counts(found)), (STATIONS, 3, 3 * QUESTION_BYTES), "one counter")
    everything = list(sh.CounterEntry("questions").read())
    equal([one.index for one in everything], list(range(16)), "the indices of all")
    # Each question was followed by one to see that it came back.
    expected = {STATIONS: 3, questions.ALWAYS: 3}
    found = {one.index: one.packet_count for one in everything if one.packet_count}
    equal(found, expected, "the packets of all")
    equal(len(session.raw.read(p4r.Entity(counter_entry=p4r.CounterEntry()))), 16 + 4, "everything")


@check
def counters_of_one_unit(session):
    """A counter of packets counts packets."""
    session.switchboard()
    send(questions.frame(0x0802, b"\0" * 40), STATIONS)
    (back,) = come_back()
    equal(back.payload, questions.frame(0x0802, b"\0" * 40), "the frame that came back")
    counter = sh.CounterEntry("others")
    counter.index = 2
    (found,) = counter.read()
    equal(found.packet_count, 1, "the packets")


@check
def counter_arrays_that_are_written(session):
    """A counter can be set and reset, alone or with all of its array."""
    session.switchboard()
    ask(STATIONS, station=1)
    counter = sh.CounterEntry("questions")
    counter.index = STATIONS
    counter.packet_count, counter.byte_count = 2**40, 2**41
    counter.modify()
    ask(STATIONS, station=1)
    (found,) = counter.read()
    equal(counts(found), (2**40 + 1, 2**41 + QUESTION_BYTES), "the counter that was set")
    whole = sh.CounterEntry("questions")
    whole.packet_count, whole.byte_count = 0, 0
    whole.modify()
    found = {counts(one) for one in sh.CounterEntry("questions").read()}
    equal(found, {(0, 0)}, "all counters when the array was reset")


def counter(number, index=None, **data):
    """A counter entry as a message."""
    message = p4r.CounterEntry(counter_id=number, data=p4r.CounterData(**data))
    if index is not None:
        message.index.index = index
    return p4r.Entity(counter_entry=message)


@check
def wrong_counters(session):
    """Counters that are not there, or are written otherwise than by MODIFY, are refused."""
    session.switchboard()
    station(session, 1)
    array = counter_id("questions")
    missing = p4r.DirectCounterEntry(
        table_entry=entry("stations", {"station": exact(2)}).table_entry, data=p4r.CounterData()
    )
    without = p4r.DirectCounterEntry(
        table_entry=entry("routes").table_entry, data=p4r.CounterData()
    )
    present = p4r.DirectCounterEntry(
        table_entry=entry("stations", {"station": exact(1)}).table_entry, data=p4r.CounterData()
    )
    Update = p4r.Update
    for words, kind, entity, codes in [
        ("an array inserted", Update.INSERT, counter(array, 1), INVALID),
        ("an array deleted", Update.DELETE, counter(array, 1), INVALID),
        ("an index too large", Update.MODIFY, counter(array, 16), ("OUT_OF_RANGE",)),
        ("an index far too large", Update.MODIFY, counter(array, 2**62), ("OUT_OF_RANGE",)),
        ("a negative index", Update.MODIFY, counter(array, -1), INVALID),
        ("no such array", Update.MODIFY, counter(NO_COUNTER, 1), UNKNOWN_ID),
        ("array 0", Update.MODIFY, counter(0, 1), UNKNOWN_ID),
        ("no such entry", Update.MODIFY, p4r.Entity(direct_counter_entry=missing), NOT_FOUND),
        ("no such counters", Update.MODIFY, p4r.Entity(direct_counter_entry=without), INVALID),
        ("inserted", Update.INSERT, p4r.Entity(direct_counter_entry=present), INVALID),
        ("deleted", Update.DELETE, p4r.Entity(direct_counter_entry=present), INVALID),
    ]:
        (outcome,) = session.raw.write([Update(type=kind, entity=entity)])
        equal((outcome.code in codes, bool(outcome.message)), (True, True), f"{words}: {outcome}")
    for words, entity, codes in [
        ("an index too large", counter(array, 16), ("OUT_OF_RANGE",)),
        ("a negative index", counter(array, -1), INVALID),
        ("no such array", counter(NO_COUNTER), UNKNOWN_ID),
        ("no such entry", p4r.Entity(direct_counter_entry=missing), NOT_FOUND),
    ]:
        refusal = refused("UNKNOWN", session.raw.read, entity)
        equal([one.code in codes for one in refusal.details], [True], f"read, {words}: {refusal}")
    # Counters with an entry of a table that has none.
    data = p4r.CounterData(packet_count=1)
    (outcome,) = session.raw.write(
        [insert(entry("routes", None, action("answer", 1), counter_data=data))]
    )
    equal(outcome.code, "INVALID_ARGUMENT", "counters of a table that has none")


def register(number, index=None, value=None):
    """A register entry as a message."""
    message = p4r.RegisterEntry(register_id=number)
    if index is not None:
        message.index.index = index
    if value is not None:
        message.data.bitstring = value
    return p4r.Entity(register_entry=message)


@check
def registers(session):
    """A register is written by packets and by the controller, and read by both."""
    session.switchboard()
    number = register_id("remembered")
    station(session, 258)
    ask(STATIONS, station=258)
    equal(
        session.raw.read(register(number, STATIONS)),
        [register(number, STATIONS, b"\1\2")],
        "what a packet wrote",
    )
    equal(
        [one.code for one in session.raw.write([modify(register(number, 3, b"\0\0\x07"))])],
        ["OK"],
        "the outcome",
    )
    equal(ask(REMEMBERED, port=3), 7, "what a packet reads")
    equal(session.raw.read(register(number, 3)), [register(number, 3, b"\7")], "what is read of it")
    everything = session.raw.read(register(number))
    equal([one.register_entry.index.index for one in everything], list(range(16)), "the indices")
    equal(everything[0], register(number, 0, b"\0"), "one that nobody wrote")
    # All at once.
    equal(
        [one.code for one in session.raw.write([modify(register(number, None, b"\5"))])],
        ["OK"],
        "the outcome for all",
    )
    values = {one.register_entry.data.bitstring for one in session.raw.read(register(number))}
    equal(values, {b"\5"}, "the values of all")


@check
def wrong_registers(session):
    """Registers that are not there, or values that are none, are refused."""
    session.switchboard()
    number = register_id("remembered")
    boolean = p4r.RegisterEntry(
        register_id=number, index=p4r.Index(index=1), data=p4data_pb2.P4Data(bool=True)
    )
    too_wide = ("OUT_OF_RANGE", "INVALID_ARGUMENT")
    for words, update, codes in [
        ("an index too large", modify(register(number, 16, b"\1")), ("OUT_OF_RANGE",)),
        ("a negative index", modify(register(number, -1, b"\1")), INVALID),
        ("no such register", modify(register(NO_REGISTER, 1, b"\1")), UNKNOWN_ID),
        ("a value too wide", modify(register(number, 1, b"\1\0\0\0\0")), too_wide),
        ("an empty value", modify(register(number, 1, b"")), too_wide),
        ("a value of another type", modify(p4r.Entity(register_entry=boolean)), INVALID),
        ("inserted", insert(register(number, 1, b"\1")), INVALID),
    ]:
        (outcome,) = session.raw.write([update])
        equal((outcome.code in codes, bool(outcome.message)), (True, True), f"{words}: {outcome}")
    equal(session.raw.read(register(number, 1)), [register(number, 1, b"\0")], "the register")
    refusal = refused("UNKNOWN", session.raw.read, register(number, 16))
    equal([one.code for one in refusal.details], ["OUT_OF_RANGE"], "an index too large to read")
