"""Byte strings: what leads them does not matter, and they are read in their shortest form."""

import p4runtime_sh.shell as sh
from checks import Checks, equal
from questions import STATIONS

from shell_checks.asking import ask
from shell_checks.messages import (
    action,
    between,
    delete,
    entry,
    exact,
    insert,
    lpm,
    modify,
    optional,
    ternary,
)

check = Checks("byte strings")


def padded(number, length):
    """A number in more bytes than it needs."""
    return number.to_bytes(length, "big")


@check
def leading_zeros(session):
    """Zeros that lead a value do not matter, and are not read back."""
    session.switchboard()
    act = action("answer", padded(258, 20))
    for long, short in [
        (
            entry("stations", {"station": exact(padded(9, 6))}, act),
            entry("stations", {"station": exact(9)}, action("answer", 258)),
        ),
        (
            entry("stations", {"station": exact(padded(0, 16))}, act),
            entry("stations", {"station": exact(0)}, action("answer", 258)),
        ),
        (
            entry("routes", {"address": lpm(padded(0x0A0000, 9), 24)}, act),
            entry("routes", {"address": lpm(0x0A0000, 24)}, action("answer", 258)),
        ),
        (
            entry("rules", {"protocol": ternary(padded(1, 2), padded(3, 3))}, act, priority=1),
            entry("rules", {"protocol": ternary(1, 3)}, action("answer", 258), priority=1),
        ),
        (
            entry("rules", {"port": between(padded(0, 2), padded(7, 3))}, act, priority=1),
            entry("rules", {"port": between(0, 7)}, action("answer", 258), priority=1),
        ),
        (
            entry(
                "services",
                {"address": exact(padded(5, 4)), "protocol": optional(padded(6, 4))},
                act,
                priority=1,
            ),
            entry(
                "services",
                {"address": exact(5), "protocol": optional(6)},
                action("answer", 258),
                priority=1,
            ),
        ),
    ]:
        table = long.table_entry.table_id
        equal([one.code for one in session.raw.write([insert(long)])], ["OK"], "the insert")
        equal(session.raw.read(entry(table)), [short], "what is read")
        # Both are the same entry.
        equal([one.code for one in session.raw.write([modify(short)])], ["OK"], "the modify")
        equal([one.code for one in session.raw.write([delete(long)])], ["OK"], "the delete")
        equal(session.raw.read(entry(table)), [], "what is read at the end")


@check
def shell_with_padded_values(session):
    """The shell's old form, padded to the width, is taken as well."""
    session.switchboard()
    sh.global_options["canonical_bytestrings"] = False
    try:
        station = sh.TableEntry("stations")(action="answer")
        station.match["station"] = "7"
        station.action["value"] = "70"
        equal(len(station.match["station"].exact.value), 6, "the bytes that the shell sends")
        station.insert()
    finally:
        sh.global_options["canonical_bytestrings"] = True
    (found,) = sh.TableEntry("stations").read()
    equal(found.match["station"].exact.value, b"\7", "the value that is read")
    equal(ask(STATIONS, station=7), 70, "the answer")


@check
def largest_values(session):
    """The largest value of each width is taken."""
    session.switchboard()
    largest = entry("stations", {"station": exact(2**48 - 1)}, action("forward", 511, 2**32 - 1))
    equal([one.code for one in session.raw.write([insert(largest)])], ["OK"], "the insert")
    equal(session.raw.read(entry("stations")), [largest], "what is read")
