"""Entries of every kind of table, through the shell's own objects."""

import p4runtime_sh.shell as sh
from checks import Checks, equal
from google.rpc import code_pb2
from p4runtime_sh.p4runtime import P4RuntimeWriteException
from questions import (
    ALWAYS,
    BOOKMARKS,
    CLASSES,
    FIXED,
    ROUTES,
    RULES,
    SERVICES,
    STATIONS,
)

from shell_checks.asking import ask
from shell_checks.messages import action, entry, exact, modify

check = Checks("tables")


def new(table, action_name=None, priority=0, keys=None, **values):
    """An entry of the shell's."""
    made = sh.TableEntry(table)
    if action_name is not None:
        made(action=action_name)
        made.action.set(**{name: str(value) for name, value in values.items()})
    made.priority = priority
    for name, value in (keys or {}).items():
        made.match[name] = value
    return made


def of(table):
    """All entries of a table as messages, in one order."""
    return sorted((one.msg() for one in sh.TableEntry(table).read()), key=str)


def codes(call):
    """The codes that a write of the shell ends with."""
    try:
        call()
    except P4RuntimeWriteException as error:
        return [code_pb2.Code.Name(one.canonical_code) for _, one in error.errors]
    return []


@check
def exact_entries(session):
    """An exact entry can be inserted, read, modified and deleted, and packets see it."""
    session.switchboard()
    station = new("stations", "answer", keys={"station": "02:00:00:00:00:09"}, value=9)
    equal(ask(STATIONS, station=0x020000000009), 1, "the answer before")
    station.insert()
    equal(of("stations"), [station.msg()], "the entries")
    equal(ask(STATIONS, station=0x020000000009), 9, "the answer")
    station.action["value"] = "4294967295"
    station.modify()
    equal(of("stations"), [station.msg()], "the entries when it is modified")
    equal(ask(STATIONS, station=0x020000000009), 2**32 - 1, "the answer when it is modified")
    station(action="refuse")
    station.modify()
    equal(ask(STATIONS, station=0x020000000009), None, "the answer when the action drops")
    station.delete()
    equal(of("stations"), [], "the entries at the end")
    equal(ask(STATIONS, station=0x020000000009), 1, "the answer at the end")


@check
def longest_prefix(session):
    """The longest prefix answers."""
    session.switchboard()
    routes = [
        new("routes", "answer", keys={"address": address}, value=value)
        for address, value in [("10.0.0.0/8", 8), ("10.1.0.0/16", 16), ("10.1.2.3/32", 32)]
    ] + [new("routes", "answer", value=0)]
    for route in routes:
        route.insert()
    equal(of("routes"), sorted((one.msg() for one in routes), key=str), "the entries")
    for address, value in [
        (0x0A010203, 32),
        (0x0A010204, 16),
        (0x0A020000, 8),
        (0x0B000000, 0),
    ]:
        equal(ask(ROUTES, address=address), value, f"the answer for {address:#x}")
    routes[1].delete()
    equal(ask(ROUTES, address=0x0A010204), 8, "the answer without the second")


@check
def priorities(session):
    """Of rules that match, the one with the highest priority answers."""
    session.switchboard()
    everything = new("rules", "answer", 1, value=1)
    web = new("rules", "answer", 30, {"protocol": "6&&&0xff", "port": "80..443"}, value=30)
    network = new("rules", "answer", 20, {"address": "10.0.0.0&&&255.0.0.0"}, value=20)
    for rule in [everything, web, network]:
        rule.insert()
    equal(
        of("rules"), sorted((one.msg() for one in [everything, web, network]), key=str), "the rules"
    )
    for key, value in [
        ({"address": 0x0A000001, "protocol": 6, "port": 80}, 30),
        ({"address": 0x0A000001, "protocol": 6, "port": 444}, 20),
        ({"address": 0x0B000001, "protocol": 6, "port": 443}, 30),
        ({"address": 0x0B000001, "protocol": 17, "port": 443}, 1),
    ]:
        equal(ask(RULES, **key), value, f"the answer for {key}")
    # The priority is part of what names an entry.
    above = new("rules", "answer", 40, {"address": "10.0.0.0&&&255.0.0.0"}, value=40)
    above.insert()
    equal(ask(RULES, address=0x0A000001, protocol=6, port=80), 40, "the answer of the same above")
    equal(len(of("rules")), 4, "the number of rules")
    above.delete()
    equal(ask(RULES, address=0x0A000001, protocol=6, port=80), 30, "the answer without it")


@check
def optional_keys(session):
    """An optional key matches its value, or anything where it is left out."""
    session.switchboard()
    new("services", "answer", 1, {"address": "10.0.0.1"}, value=1).insert()
    new("services", "answer", 2, {"address": "10.0.0.1", "protocol": "0"}, value=2).insert()
    equal(len(of("services")), 2, "the number of services")
    equal(ask(SERVICES, address=0x0A000001, protocol=0), 2, "the answer for protocol 0")
    equal(ask(SERVICES, address=0x0A000001, protocol=6), 1, "the answer for protocol 6")
    equal(ask(SERVICES, address=0x0A000002, protocol=0), 0, "the answer for another address")


@check
def constant_entries(session):
    """Constant entries are read with the priorities of their order, and cannot be written."""
    session.switchboard()
    found = sorted(session.raw.read(entry("classes")), key=lambda one: -one.table_entry.priority)
    equal(
        [(one.table_entry.priority, value_of(one), one.table_entry.is_const) for one in found],
        [(3, 100, True), (2, 200, True), (1, 300, True)],
        "the priorities and values",
    )
    # The second matches any port, which is left out.
    equal([len(one.table_entry.match) for one in found], [2, 1, 2], "the number of match fields")
    for protocol, port, answer in [(6, 443, 100), (6, 444, 200), (17, 53, 300), (17, 54, 400)]:
        equal(ask(CLASSES, protocol=protocol, port=port), answer, f"the answer for {port}")
    keys = {"protocol": "6", "port": "80..443"}
    constant = new("classes", "answer", 3, keys, value=1)
    another = new("classes", "answer", 3, {"protocol": "1", "port": "1..1"}, value=1)
    for call in [another.insert, constant.insert, constant.modify, constant.delete]:
        equal(codes(call), ["PERMISSION_DENIED"], f"the codes of {call.__name__}")
    again = session.raw.read(entry("classes"))
    equal(sorted(again, key=str), sorted(found, key=str), "the entries at the end")


def value_of(entity):
    """The value of the action's only parameter."""
    return int.from_bytes(entity.table_entry.action.action.params[0].value, "big")


@check
def entries_of_the_program(session):
    """Entries that are the program's but not constant can be changed."""
    session.switchboard()
    equal(len(of("bookmarks")), 2, "the number of bookmarks at first")
    equal(ask(BOOKMARKS, port=22), 2200, "the answer of the program's")
    new("bookmarks", "answer", keys={"port": "22"}, value=1).modify()
    new("bookmarks", keys={"port": "25"}).delete()
    new("bookmarks", "answer", keys={"port": "26"}, value=2).insert()
    equal([ask(BOOKMARKS, port=port) for port in [22, 25, 26]], [1, 0, 2], "the answers")


@check
def default_actions(session):
    """A default action can be read, set and reset."""
    session.switchboard()
    default = sh.TableEntry("stations")(is_default=True)

    def found():
        (one,) = default.read()
        equal(one.is_default, True, "whether it is the default")
        return int.from_bytes(one.action["value"].value, "big")

    equal(found(), 1, "the program's")
    changed = sh.TableEntry("stations")(is_default=True, action="answer")
    changed.action["value"] = "77"
    changed.modify()
    equal(found(), 77, "the value when it is set")
    equal(ask(STATIONS, station=5), 77, "the answer when it is set")
    equal(of("stations"), [], "the entries, among which it is not")
    default.modify()
    equal(found(), 1, "the value when it is reset")
    equal(ask(STATIONS, station=5), 1, "the answer when it is reset")


@check
def default_without_parameters(session):
    """A table whose program says no default has NoAction."""
    session.switchboard()
    (one,) = sh.TableEntry("routes")(is_default=True).read()
    equal(one.action.action_name, "NoAction", "the default action")


@check
def default_where_there_are_no_keys(session):
    """A table without keys has a default action, and no entries."""
    session.switchboard()
    equal(ask(ALWAYS), 8, "the program's")
    changed = sh.TableEntry("always")(is_default=True, action="answer")
    changed.action["value"] = "9"
    changed.modify()
    equal(ask(ALWAYS), 9, "the answer when it is set")
    equal(codes(new("always", "answer", value=1).insert), ["INVALID_ARGUMENT"], "the codes")


@check
def defaults_that_are_not_to_be_written(session):
    """A constant default action cannot be set or reset; no default can be inserted or deleted."""
    session.switchboard()
    changed = sh.TableEntry("fixed")(is_default=True, action="answer")
    changed.action["value"] = "9"
    equal(codes(changed.modify), ["PERMISSION_DENIED"], "the codes of setting")
    equal(codes(sh.TableEntry("fixed")(is_default=True).modify), ["PERMISSION_DENIED"], "resetting")
    equal(ask(FIXED), 7, "the answer")
    # Entries can be written.
    new("fixed", "answer", keys={"port": "1"}, value=70).insert()
    equal(ask(FIXED, port=1), 70, "the answer of an entry")
    changed = sh.TableEntry("stations")(is_default=True, action="answer")
    changed.action["value"] = "9"
    for call in [changed.insert, changed.delete]:
        equal(codes(call), ["INVALID_ARGUMENT"], f"the codes of {call.__name__}")


@check
def wildcards(session):
    """Reads are filtered by table, action, priority, metadata and key."""
    session.switchboard()
    for number in range(4):
        station = new("stations", "answer", keys={"station": str(number)}, value=number)
        station.metadata = b"odd" if number % 2 else b"even"
        station.insert()
    new("stations", "refuse", keys={"station": "9"}).insert()
    new("rules", "answer", 7, {"port": "1..2"}, value=1).insert()
    new("rules", "answer", 8, {"port": "1..2"}, value=2).insert()

    def count(table, act=None, match=None, **fields):
        return len(session.raw.read(entry(table, match, act, **fields)))

    # Three classes and two bookmarks are the program's.
    equal(count(0), 5 + 2 + 3 + 2, "all entries")
    equal(count("stations"), 5, "all stations")
    equal(count("stations", action("refuse")), 1, "those that refuse")
    equal(count("stations", action("answer")), 4, "those that answer")
    equal(count("stations", metadata=b"odd"), 2, "those with metadata")
    equal(count("stations", metadata=b"neither"), 0, "those with other metadata")
    equal(count("rules", priority=7), 1, "rules with a priority")
    equal(count("rules", priority=9), 0, "rules with a priority that none has")
    one = new("stations", keys={"station": "3"})
    equal([found.metadata for found in one.read()], [b"odd"], "one station's metadata")
    equal(list(new("stations", keys={"station": "8"}).read()), [], "a station that is not there")
    defaults = session.raw.read(entry("stations", is_default_action=True))
    equal(len(defaults), 1, "the default entry")


@check
def modified_without_an_action(session):
    """An entry that is modified without an action keeps it."""
    session.switchboard()
    station = new("stations", "answer", keys={"station": "1"}, value=5)
    station.insert()
    (outcome,) = session.raw.write([modify(entry("stations", {"station": exact(1)}))])
    equal(outcome.code, "OK", "the outcome")
    equal(ask(STATIONS, station=1), 5, "the answer")


@check
def forwarded(session):
    """An action can send a packet away by a port."""
    session.switchboard()
    away = new("stations", "forward", keys={"station": "1"}, port=3, value=5)
    away.insert()
    equal(of("stations"), [away.msg()], "the entries")
    equal(ask(STATIONS, station=1), None, "what comes back")
    back = new("stations", "forward", keys={"station": "2"}, port=510, value=6)
    back.insert()
    equal(ask(STATIONS, station=2), 6, "what comes back from the controller's own port")
