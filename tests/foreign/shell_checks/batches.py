"""Batches of which some updates fail, in each atomicity."""

import threading

from checks import Checks, equal, one_of, true
from p4.v1 import p4runtime_pb2 as p4r
from questions import RULES, STATIONS

from shell_checks.asking import ask
from shell_checks.messages import action, between, delete, entry, exact, insert, modify
from shell_checks.rpc import refused

check = Checks("batches")

CONTINUE = p4r.WriteRequest.CONTINUE_ON_ERROR
ROLLBACK = p4r.WriteRequest.ROLLBACK_ON_ERROR
DATAPLANE = p4r.WriteRequest.DATAPLANE_ATOMIC

# What the updates that did not fail are said to be, where nothing is left of them.
UNDONE = ("OK", "ABORTED")


def station(number, value=None):
    """A station that answers this value."""
    return entry("stations", {"station": exact(number)}, action("answer", value or 100 + number))


def found(session):
    """The stations, as numbers with what they answer."""
    return {
        int.from_bytes(one.table_entry.match[0].exact.value, "big"): int.from_bytes(
            one.table_entry.action.action.params[0].value, "big"
        )
        for one in session.raw.read(entry("stations"))
    }


# One of each kind is right, and one of each is wrong.
MIXED = [
    (lambda: insert(station(1)), "OK"),
    (lambda: insert(station(50)), "ALREADY_EXISTS"),
    (lambda: modify(station(51, 7)), "OK"),
    (lambda: modify(station(2)), "NOT_FOUND"),
    (lambda: delete(station(52)), "OK"),
    (lambda: delete(station(3)), "NOT_FOUND"),
    (lambda: insert(station(4)), "OK"),
]
BEFORE = {50: 150, 51: 151, 52: 152}


def begin(session):
    """A table with three stations."""
    session.switchboard()
    session.raw.write([insert(station(number)) for number in BEFORE])
    equal(found(session), BEFORE, "the stations before")


@check
def continue_on_error(session):
    """With CONTINUE_ON_ERROR, what can be done is done, and each update has its outcome."""
    begin(session)
    outcomes = session.raw.write([update() for update, _ in MIXED], CONTINUE)
    equal([one.code for one in outcomes], [code for _, code in MIXED], "the outcomes")
    true(all(one.message for one in outcomes if one.code != "OK"), f"words: {outcomes}")
    equal([one.message for one in outcomes if one.code == "OK"], [""] * 4, "words where it is OK")
    equal(found(session), {50: 150, 51: 7, 1: 101, 4: 104}, "the stations")


def all_or_nothing(session, atomicity):
    """Nothing is left of the batch. Updates that can fail have their own code; it may be that not
    all were tried."""
    begin(session)
    outcomes = session.raw.write([update() for update, _ in MIXED], atomicity)
    equal(len(outcomes), len(MIXED), "the number of outcomes")
    failed = 0
    for place, (outcome, (_, code)) in enumerate(zip(outcomes, MIXED, strict=True)):
        if code == "OK":
            one_of(outcome.code, UNDONE, f"the outcome of update {place}")
        else:
            one_of(outcome.code, (code, *UNDONE), f"the outcome of update {place}")
            failed += outcome.code == code
    true(failed > 0, f"expected the update that failed to be named, found {outcomes}")
    equal(found(session), BEFORE, "the stations")
    equal(ask(STATIONS, station=1), 1, "the answer of one that was not inserted")
    equal(ask(STATIONS, station=52), 152, "the answer of one that was not deleted")
    # The same without those that fail.
    right = [update() for update, code in MIXED if code == "OK"]
    equal([one.code for one in session.raw.write(right, atomicity)], ["OK"] * 4, "the outcomes")
    equal(found(session), {50: 150, 51: 7, 1: 101, 4: 104}, "the stations")


@check
def rollback_on_error(session):
    """With ROLLBACK_ON_ERROR, all is done or nothing."""
    all_or_nothing(session, ROLLBACK)


@check
def dataplane_atomic(session):
    """With DATAPLANE_ATOMIC, all is done or nothing."""
    all_or_nothing(session, DATAPLANE)


@check
def all_kinds_of_tables_at_once(session):
    """A batch that is all or nothing can change tables, default actions and counters at once."""
    session.switchboard()
    default = entry("stations", None, action("answer", 5), is_default_action=True)
    right = [insert(station(1)), modify(default), insert(entry("routes", None, action("refuse")))]
    for atomicity in [ROLLBACK, DATAPLANE]:
        outcomes = session.raw.write([*right, delete(station(2))], atomicity)
        equal(outcomes[-1].code, "NOT_FOUND", "the outcome of the last")
        equal(session.raw.read(entry("stations"), entry("routes")), [], "the entries")
        equal(ask(STATIONS, station=2), 1, "the answer of the default action")
    equal([one.code for one in session.raw.write(right, DATAPLANE)], ["OK"] * 3, "the outcomes")
    equal(ask(STATIONS, station=2), 5, "the answer of the default action")


@check
def full_in_the_middle(session):
    """A batch that does not fit is undone as well."""
    session.switchboard()
    batch = [
        insert(entry("services", {"address": exact(number)}, action("answer", 1), priority=1))
        for number in range(5)
    ]
    for atomicity in [ROLLBACK, DATAPLANE]:
        outcomes = session.raw.write(batch, atomicity)
        equal([one.code for one in outcomes].count("RESOURCE_EXHAUSTED"), 1, "those that failed")
        equal(session.raw.read(entry("services")), [], "the services")


@check
def packets_while_batches_are_written(session):
    """A packet sees all of a batch that is DATAPLANE_ATOMIC, or nothing of it."""
    session.switchboard()
    keys = {"port": between(1, 2)}
    rules = [entry("rules", keys, action("answer", value), priority=value) for value in [10, 11]]
    session.raw.write([insert(rules[0])])
    # One rule is there at any time, and never both, for the one replaces the other.
    outcomes = []

    def replace():
        for turn in range(100):
            batch = [delete(rules[turn % 2]), insert(rules[1 - turn % 2])]
            outcomes.extend(session.raw.write(batch, DATAPLANE))

    writer = threading.Thread(target=replace, daemon=True)
    writer.start()
    answers = set()
    while writer.is_alive():
        answers.add(ask(RULES, port=1))
    equal([one.code for one in outcomes], ["OK"] * 200, "the outcomes of the replacements")
    true(answers and answers <= {10, 11}, f"expected each packet to be answered, found {answers}")


@check
def empty_batch(session):
    """A batch of nothing is done."""
    session.switchboard()
    for atomicity in [CONTINUE, ROLLBACK, DATAPLANE]:
        equal(session.raw.write([], atomicity), [], "the outcomes")


@check
def unknown_atomicity(session):
    """An atomicity of the future is refused, and nothing is done."""
    session.switchboard()
    refused(
        ("INVALID_ARGUMENT", "UNIMPLEMENTED"), session.raw.write, [insert(station(1))], atomicity=9
    )
    equal(found(session), {}, "the stations")


@check
def outcomes_for_any_client(session):
    """A client with gRPC's usual limits has the outcomes of fifty updates that fail."""
    session.switchboard()
    # They come as metadata, of which gRPC takes 8 KiB if it is not told otherwise.
    outcomes = session.raw.write([delete(station(number)) for number in range(50)])
    equal([one.code for one in outcomes], ["NOT_FOUND"] * 50, "the outcomes")


@check
def many_updates(session):
    """A batch of thousands, most of which do not fit, has an outcome for each."""
    session.switchboard()
    # The shell's own channel does not take the outcomes of so many.
    other = session.other((0, 11))
    other.bid((0, 11))
    other.told()
    outcomes = other.write([insert(station(number, 1)) for number in range(1, 5_001)])
    codes = [one.code for one in outcomes]
    equal(codes.count("OK"), 64, "how many were inserted in a table of 64")
    equal(codes.count("RESOURCE_EXHAUSTED"), 5_000 - 64, "how many were not")
    equal(len(session.raw.read(entry("stations"))), 64, "the stations")
