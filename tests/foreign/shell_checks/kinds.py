"""Kinds of entities that the switch has none of."""

from checks import Checks, contains, equal
from google.protobuf import any_pb2
from p4.v1 import p4runtime_pb2 as p4r

from shell_checks.messages import delete, entry, insert, modify
from shell_checks.rpc import refused

check = Checks("kinds")


def multicast(**fields):
    """A multicast group."""
    engine = p4r.PacketReplicationEngineEntry(
        multicast_group_entry=p4r.MulticastGroupEntry(multicast_group_id=1, **fields)
    )
    return p4r.Entity(packet_replication_engine_entry=engine)


def clone_session(**fields):
    """A clone session."""
    engine = p4r.PacketReplicationEngineEntry(
        clone_session_entry=p4r.CloneSessionEntry(session_id=1, **fields)
    )
    return p4r.Entity(packet_replication_engine_entry=engine)


REPLICAS = [p4r.Replica(egress_port=1, instance=1)]

# With a word that has to be in what the switch says.
KINDS = [
    ("meter", p4r.Entity(meter_entry=p4r.MeterEntry(meter_id=0x14000001))),
    (
        "direct meter",
        p4r.Entity(
            direct_meter_entry=p4r.DirectMeterEntry(table_entry=p4r.TableEntry(table_id=0x02000001))
        ),
    ),
    (
        "member",
        p4r.Entity(
            action_profile_member=p4r.ActionProfileMember(action_profile_id=0x11000001, member_id=1)
        ),
    ),
    (
        "group",
        p4r.Entity(
            action_profile_group=p4r.ActionProfileGroup(action_profile_id=0x11000001, group_id=1)
        ),
    ),
    ("digest", p4r.Entity(digest_entry=p4r.DigestEntry(digest_id=0x17000001))),
    ("packet replication", multicast(replicas=REPLICAS)),
    ("packet replication", clone_session(replicas=REPLICAS)),
    ("value set", p4r.Entity(value_set_entry=p4r.ValueSetEntry(value_set_id=0x03000001))),
    (
        "extern",
        p4r.Entity(
            extern_entry=p4r.ExternEntry(
                extern_type_id=0x81, extern_id=0x81000001, entry=any_pb2.Any(type_url="a/b")
            )
        ),
    ),
]


def same_words(text):
    """In which words are compared: `direct_meter_entry` and "direct meters" begin alike."""
    return text.lower().replace("_", " ")


@check
def written(session):
    """Writes of kinds that there are none of are UNIMPLEMENTED, by name."""
    session.switchboard()
    for word, entity in KINDS:
        for update in [insert, modify, delete]:
            (outcome,) = session.raw.write([update(entity)])
            equal(outcome.code, "UNIMPLEMENTED", f"{update.__name__} a {word}: {outcome}")
            contains(same_words(outcome.message), word, "the words")


@check
def read(session):
    """Reads of kinds that there are none of are UNIMPLEMENTED, by name."""
    session.switchboard()
    for word, entity in KINDS:
        refusal = refused(("UNKNOWN", "UNIMPLEMENTED"), session.raw.read, entity)
        if refusal.details is not None:
            equal([one.code for one in refusal.details], ["UNIMPLEMENTED"], f"reading a {word}")
            contains(same_words(refusal.details[0].message), word, "the words")
        else:
            equal(refusal.code, "UNIMPLEMENTED", f"reading a {word}")
            contains(same_words(refusal.message), word, "the words")


@check
def read_all(session):
    """Reads of all of such a kind give nothing, so that one can clean up by reading."""
    session.switchboard()
    empty = p4r.PacketReplicationEngineEntry
    for entity in [
        p4r.Entity(meter_entry=p4r.MeterEntry()),
        p4r.Entity(direct_meter_entry=p4r.DirectMeterEntry()),
        p4r.Entity(action_profile_member=p4r.ActionProfileMember()),
        p4r.Entity(action_profile_group=p4r.ActionProfileGroup()),
        p4r.Entity(digest_entry=p4r.DigestEntry()),
        p4r.Entity(value_set_entry=p4r.ValueSetEntry()),
        p4r.Entity(extern_entry=p4r.ExternEntry()),
        p4r.Entity(
            packet_replication_engine_entry=empty(multicast_group_entry=p4r.MulticastGroupEntry())
        ),
        p4r.Entity(
            packet_replication_engine_entry=empty(clone_session_entry=p4r.CloneSessionEntry())
        ),
    ]:
        equal(session.raw.read(entity), [], f"what is read of {entity}")


@check
def with_others(session):
    """They do not keep the other updates of a batch from being done."""
    session.switchboard()
    bookmark = entry("bookmarks", is_const=False)
    bookmarks = session.raw.read(bookmark)
    outcomes = session.raw.write([insert(KINDS[0][1]), delete(bookmarks[0])])
    equal([one.code for one in outcomes], ["UNIMPLEMENTED", "OK"], "the outcomes")
    equal(session.raw.read(bookmark), bookmarks[1:], "the bookmarks")


@check
def fields_of_entries(session):
    """Meters and idle timeouts of an entry are refused, for no table has them."""
    session.switchboard()
    (bookmark, _) = session.raw.read(entry("bookmarks"))
    for field, value in [
        ("meter_config", p4r.MeterConfig(cir=1, cburst=1, pir=1, pburst=1)),
        ("meter_counter_data", p4r.MeterCounterData()),
        ("idle_timeout_ns", 1_000_000),
    ]:
        message = p4r.TableEntry()
        message.CopyFrom(bookmark.table_entry)
        if isinstance(value, int):
            setattr(message, field, value)
        else:
            getattr(message, field).CopyFrom(value)
        (outcome,) = session.raw.write([modify(p4r.Entity(table_entry=message))])
        equal(
            outcome.code in ("INVALID_ARGUMENT", "UNIMPLEMENTED"), True, f"{field} gives {outcome}"
        )
    equal(session.raw.read(entry("bookmarks"))[0], bookmark, "the bookmark")
