"""Writes that are wrong, each in its own way: the code, some words, and nothing that changes."""

from checks import Checks, equal, one_of, true
from p4.v1 import p4runtime_pb2 as p4r

from shell_checks.messages import (
    NO_ACTION,
    NO_FIELD,
    NO_TABLE,
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
from shell_checks.rpc import refused

check = Checks("refusals")

# The specification has two codes for bytes that are no value: OUT_OF_RANGE in the section on byte
# strings, and INVALID_ARGUMENT in those on match fields and on actions.
NO_VALUE = ("OUT_OF_RANGE", "INVALID_ARGUMENT")
INVALID = ("INVALID_ARGUMENT",)
NOT_FOUND = ("NOT_FOUND",)
# What the specification has no code for.
UNKNOWN_ID = ("INVALID_ARGUMENT", "NOT_FOUND")


def refuse(session, cases):
    """Every update is refused with one of its codes and in words, alone and with the others, and
    nothing changes. Cases are of a description, an update, and codes."""
    everything = [entry(0)] + [
        entry(table, is_default_action=True)
        for table in ["stations", "routes", "rules", "services", "classes", "fixed"]
    ]
    before = session.raw.read(*everything)
    wrong = []
    for description, update, codes in cases:
        (outcome,) = session.raw.write([update])
        if outcome.code not in codes or not outcome.message:
            wrong.append(f"{description}: expected one of {codes} and words, found {outcome}")
    true(not wrong, "\n".join(wrong))
    outcomes = session.raw.write([update for _, update, _ in cases])
    for (description, _, codes), outcome in zip(cases, outcomes, strict=True):
        one_of(outcome.code, codes, f"{description}, with the others")
    equal(session.raw.read(*everything), before, "what is in the tables")


def station(match=None, act=None, **fields):
    """A station, which is right unless something else is given."""
    match = {"station": exact(1)} if match is None else match
    return entry("stations", match, act or action("answer", 1), **fields)


def rule(match=None, priority=5, act=None, **fields):
    """A rule."""
    match = {"port": between(1, 2)} if match is None else match
    return entry("rules", match, act or action("answer", 1), priority=priority, **fields)


def route(parts, act=None, **fields):
    """A route."""
    return entry("routes", {"address": parts}, act or action("answer", 1), **fields)


@check
def unknown_ids(session):
    """Ids that the program has not are refused."""
    session.switchboard()
    refuse(
        session,
        [
            ("no table", insert(entry(NO_TABLE, None, action("answer", 1))), UNKNOWN_ID),
            ("table 0", insert(entry(0, None, action("answer", 1))), UNKNOWN_ID),
            ("an action's id for a table", insert(entry(NO_ACTION)), UNKNOWN_ID),
            ("no field", insert(station({NO_FIELD: exact(1)})), UNKNOWN_ID),
            ("no action", insert(station(act=action(NO_ACTION, 1))), INVALID),
            ("an action of other tables", insert(rule(act=action("forward", 1, 1))), INVALID),
            ("a parameter too many", insert(station(act=action("answer", 1, 1))), INVALID),
            ("a parameter too few", insert(station(act=action("forward", 1))), INVALID),
        ],
    )


@check
def parameters(session):
    """Parameters that are unknown, twice there or missing are refused."""
    session.switchboard()

    def with_ids(*ids):
        act = action("forward")
        for param_id in ids:
            act.action.params.add(param_id=param_id, value=b"\1")
        return insert(station(act=act))

    refuse(
        session,
        [
            ("none", with_ids(), INVALID),
            ("one twice", with_ids(1, 1), INVALID),
            ("one twice besides the other", with_ids(1, 2, 1), INVALID),
            ("one unknown", with_ids(1, 9), INVALID),
            ("number 0", with_ids(0, 1), INVALID),
        ],
    )


@check
def no_action(session):
    """An insert without an action, or with one that is none, is refused."""
    session.switchboard()
    without = station()
    without.table_entry.ClearField("action")
    empty = station()
    empty.table_entry.action.Clear()
    refuse(
        session,
        [
            ("no action", insert(without), INVALID),
            ("an empty action", insert(station(act=p4r.TableAction())), INVALID),
            ("an action with id 0", insert(station(act=action(0))), INVALID),
            (
                "a member of an action profile",
                insert(station(act=p4r.TableAction(action_profile_member_id=1))),
                INVALID,
            ),
            (
                "a group of an action profile",
                insert(station(act=p4r.TableAction(action_profile_group_id=1))),
                INVALID,
            ),
            (
                "a set of actions",
                insert(
                    station(
                        act=p4r.TableAction(action_profile_action_set=p4r.ActionProfileActionSet())
                    )
                ),
                INVALID,
            ),
        ],
    )


@check
def scopes(session):
    """An action that is only for entries is no default, and the other way around."""
    session.switchboard()
    keys = {"address": exact(1)}
    default_only = [
        ("the default's in an entry", insert(entry("services", keys, action(name), priority=1)))
        for name in ["refuse", "NoAction"]
    ]
    table_only = entry("services", None, action("forward", 1, 1), is_default_action=True)
    refuse(
        session,
        [(words, update, ("PERMISSION_DENIED",)) for words, update in default_only]
        + [("an entry's as the default", modify(table_only), ("PERMISSION_DENIED",))],
    )


@check
def values(session):
    """Values that are empty or too wide are refused."""
    session.switchboard()
    wide = 2**48
    refuse(
        session,
        [
            ("an exact value too wide", insert(station({"station": exact(wide)})), NO_VALUE),
            ("the same by many bytes", insert(station({"station": exact(b"\1" * 9)})), NO_VALUE),
            ("an empty exact value", insert(station({"station": exact(b"")})), NO_VALUE),
            ("an empty parameter", insert(station(act=action("answer", b""))), NO_VALUE),
            ("a parameter too wide", insert(station(act=action("answer", 2**32))), NO_VALUE),
            ("a port of 10 bits", insert(station(act=action("forward", 512, 1))), NO_VALUE),
            ("an LPM value too wide", insert(route(lpm(2**32, 8))), NO_VALUE),
            ("an empty LPM value", insert(route(lpm(b"", 8))), NO_VALUE),
            ("a mask too wide", insert(rule({"protocol": ternary(1, 0x1FF)})), NO_VALUE),
            ("a ternary value too wide", insert(rule({"protocol": ternary(256, 255)})), NO_VALUE),
            ("an empty mask", insert(rule({"protocol": ternary(1, b"")})), NO_VALUE),
            ("an empty ternary value", insert(rule({"protocol": ternary(b"", 255)})), NO_VALUE),
            ("a bound too wide", insert(rule({"port": between(1, 65536)})), NO_VALUE),
            ("an empty low bound", insert(rule({"port": between(b"", 2)})), NO_VALUE),
            ("an empty high bound", insert(rule({"port": between(1, b"")})), NO_VALUE),
            (
                "an optional value too wide",
                insert(
                    entry(
                        "services",
                        {"address": exact(1), "protocol": optional(256)},
                        action("answer", 1),
                        priority=1,
                    )
                ),
                NO_VALUE,
            ),
            (
                "an empty optional value",
                insert(
                    entry(
                        "services",
                        {"address": exact(1), "protocol": optional(b"")},
                        action("answer", 1),
                        priority=1,
                    )
                ),
                NO_VALUE,
            ),
        ],
    )


@check
def match_fields(session):
    """Match fields of the wrong kind, missing, twice there or not canonical are refused."""
    session.switchboard()
    twice = station()
    twice.table_entry.match.add().CopyFrom(twice.table_entry.match[0])
    refuse(
        session,
        [
            ("no exact field", insert(station({})), INVALID),
            ("a field twice", insert(twice), INVALID),
            ("a field without a match", insert(station({"station": {}})), INVALID),
            ("LPM for exact", insert(station({"station": lpm(0, 8)})), INVALID),
            ("ternary for exact", insert(station({"station": ternary(1, 1)})), INVALID),
            ("exact for LPM", insert(route(exact(1))), INVALID),
            ("exact for ternary", insert(rule({"protocol": exact(1)})), INVALID),
            ("exact for range", insert(rule({"port": exact(1)})), INVALID),
            ("optional for ternary", insert(rule({"protocol": optional(1)})), INVALID),
            ("a prefix of length 0", insert(route(lpm(0, 0))), INVALID),
            ("a prefix too long", insert(route(lpm(0, 33))), INVALID),
            ("a negative prefix length", insert(route(lpm(0, -1))), INVALID),
            ("bits after the prefix", insert(route(lpm(0x0A000001, 8))), INVALID),
            ("a mask of zeros", insert(rule({"protocol": ternary(0, 0)})), INVALID),
            ("bits outside the mask", insert(rule({"protocol": ternary(3, 2)})), INVALID),
            ("a range upside down", insert(rule({"port": between(2, 1)})), INVALID),
            ("the range of everything", insert(rule({"port": between(0, 65535)})), INVALID),
        ],
    )


@check
def priorities(session):
    """A priority is needed where keys can overlap, and refused everywhere else."""
    session.switchboard()
    keys = {"address": exact(1)}
    refuse(
        session,
        [
            ("a rule without one", insert(rule(priority=0)), INVALID),
            ("a negative one", insert(rule(priority=-1)), INVALID),
            (
                "a service without one",
                insert(entry("services", keys, action("answer", 1))),
                INVALID,
            ),
            ("a station with one", insert(station(priority=1)), INVALID),
            ("a route with one", insert(route(lpm(0x0A000000, 8), priority=1)), INVALID),
            (
                "a default with one",
                modify(entry("rules", None, action("refuse"), is_default_action=True, priority=1)),
                INVALID,
            ),
        ],
    )


@check
def defaults(session):
    """A default entry with a key, or one that is inserted or deleted, is refused."""
    session.switchboard()
    default = entry("stations", None, action("answer", 3), is_default_action=True)
    keyed = station(is_default_action=True)
    refuse(
        session,
        [
            ("inserted", insert(default), INVALID),
            ("deleted", delete(default), INVALID),
            ("with a key", modify(keyed), INVALID),
            (
                "with an action that the table has not",
                modify(entry("rules", None, action("forward", 1, 1), is_default_action=True)),
                INVALID,
            ),
        ],
    )


@check
def what_is_there_and_what_is_not(session):
    """Inserting what is there, and modifying or deleting what is not, is refused."""
    session.switchboard()
    session.raw.write([insert(station()), insert(rule()), insert(route(lpm(0x0A000000, 8)))])
    other = {"station": exact(2)}
    refuse(
        session,
        [
            ("a station twice", insert(station()), ("ALREADY_EXISTS",)),
            ("with another action", insert(station(act=action("refuse"))), ("ALREADY_EXISTS",)),
            ("a rule twice", insert(rule()), ("ALREADY_EXISTS",)),
            ("a route twice", insert(route(lpm(0x0A000000, 8))), ("ALREADY_EXISTS",)),
            (
                "the same by other bytes",
                insert(station({"station": exact(b"\0\0\1")})),
                ("ALREADY_EXISTS",),
            ),
            ("modify no station", modify(station(other)), NOT_FOUND),
            ("delete no station", delete(station(other)), NOT_FOUND),
            ("modify no rule", modify(rule(priority=6)), NOT_FOUND),
            ("delete no rule", delete(rule(priority=6)), NOT_FOUND),
            ("delete no route", delete(route(lpm(0x0A000000, 9))), NOT_FOUND),
        ],
    )


@check
def deleted_by_key_alone(session):
    """A delete looks at nothing but the key."""
    session.switchboard()
    session.raw.write([insert(station())])
    nonsense = station(act=action(NO_ACTION, b""), controller_metadata=77)
    equal([one.code for one in session.raw.write([delete(nonsense)])], ["OK"], "the outcome")
    equal(session.raw.read(entry("stations")), [], "the stations")


@check
def constant_entries(session):
    """Constant entries are refused whatever is to be done with them."""
    session.switchboard()
    keys = {"protocol": exact(6), "port": between(80, 443)}
    constant = entry("classes", keys, action("answer", 1), priority=3)
    marked = station(is_const=True)
    refuse(
        session,
        [
            ("modified", modify(constant), ("PERMISSION_DENIED",)),
            ("deleted", delete(constant), ("PERMISSION_DENIED",)),
            (
                "inserted",
                insert(entry("classes", {"protocol": exact(1)}, action("answer", 1), priority=9)),
                ("PERMISSION_DENIED",),
            ),
            ("an entry of one's own that is constant", insert(marked), INVALID),
        ],
    )


@check
def full_table(session):
    """A table that is full takes no more until something is deleted."""
    session.switchboard()

    def service(number):
        return entry("services", {"address": exact(number)}, action("answer", 1), priority=1)

    outcomes = session.raw.write([insert(service(number)) for number in range(6)])
    equal(
        sorted(one.code for one in outcomes),
        ["OK"] * 4 + ["RESOURCE_EXHAUSTED"] * 2,
        "what became of 6 inserts in a table of 4",
    )
    found = session.raw.read(entry("services"))
    equal(len(found), 4, "the number of services")
    # What is there can be modified, and one that goes makes room for another.
    equal([one.code for one in session.raw.write([modify(found[0])])], ["OK"], "a modify")
    equal([one.code for one in session.raw.write([delete(found[0])])], ["OK"], "a delete")
    equal([one.code for one in session.raw.write([insert(service(9))])], ["OK"], "an insert")


@check
def updates_that_are_none(session):
    """Updates of no type, of nothing, and of no entry are refused."""
    session.switchboard()
    refuse(
        session,
        [
            ("no type", p4r.Update(entity=station()), INVALID),
            ("no entity", p4r.Update(type=p4r.Update.INSERT), INVALID),
            ("an empty entity", insert(p4r.Entity()), INVALID),
            ("a type of the future", p4r.Update(type=9, entity=station()), INVALID),
        ],
    )


@check
def reads_that_are_wrong(session):
    """Reads of what there is not are refused, each with a code, and the others are answered."""
    session.switchboard()
    session.raw.write([insert(station())])
    refusal = refused(
        "UNKNOWN",
        session.raw.read,
        entry("stations"),
        p4r.Entity(),
        entry(NO_TABLE),
        entry("stations", {"station": exact(b"")}),
        entry("stations", {NO_FIELD: exact(1)}),
    )
    true(refusal.details is not None, f"expected what became of each entity, found {refusal}")
    codes = [one.code for one in refusal.details]
    equal(codes[:2], ["OK", "INVALID_ARGUMENT"], "the first codes")
    one_of(codes[2], UNKNOWN_ID, "the code for no table")
    one_of(codes[3], NO_VALUE, "the code for an empty value")
    one_of(codes[4], UNKNOWN_ID, "the code for no field")
    true(all(one.message for one in refusal.details[1:]), f"each has words: {refusal.details}")
