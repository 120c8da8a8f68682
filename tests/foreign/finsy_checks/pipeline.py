"""Pipelines, and what finsy makes of their P4Info."""

import finsy as fy
import questions
from checks import Checks, equal, true
from finsy.p4schema import P4ActionScope, P4CounterUnit, P4MatchType
from finsy.proto import p4r

from finsy_checks.session import Asker, everything, refused

check = Checks("pipeline")


def station(number):
    """A station."""
    return fy.P4TableEntry(
        "stations", match=fy.Match(station=number), action=fy.Action("answer", value=number)
    )


@check
async def version(session):
    """The switch says which version of P4Runtime it has."""
    async with session.controller() as controller:
        true(
            (1, 4, 0) <= controller.p4runtime_version[:3] < (1, 6, 0),
            f"expected 1.4 or 1.5, found {controller.p4runtime_version}",
        )


@check
async def nothing_set(session):
    """A controller without a program can connect to a switch without one."""
    async with session.controller() as controller:
        true(controller.is_primary, "expected it to be primary")
        true(not controller.p4info.exists, "expected no P4Info")
        error = await refused(everything(controller, fy.P4TableEntry()), "FAILED_PRECONDITION")
        true(error.is_pipeline_missing, f"expected finsy to understand {error}")


@check
async def schema(session):
    """Finsy understands all of the P4Info that the switch has."""
    async with session.switchboard():
        pass
    # It comes from the switch.
    async with session.controller() as controller:
        info = controller.p4info
        equal(
            sorted(table.alias for table in info.tables),
            ["always", "bookmarks", "classes", "fixed", "routes", "rules", "services", "stations"],
            "the tables",
        )
        kinds = {
            (table.alias, field.name): (field.match_type, field.bitwidth)
            for table in info.tables
            for field in table.match_fields
        }
        for key, kind in {
            ("stations", "station"): (P4MatchType.EXACT, 48),
            ("routes", "address"): (P4MatchType.LPM, 32),
            ("rules", "protocol"): (P4MatchType.TERNARY, 8),
            ("rules", "port"): (P4MatchType.RANGE, 16),
            ("services", "protocol"): (P4MatchType.OPTIONAL, 8),
        }.items():
            equal(kinds[key], kind, f"the match kind and width of {key}")
        equal(info.tables["stations"].size, 64, "the size of a table")
        equal(info.tables["stations"].direct_counter.alias, "station_hits", "the direct counter")
        equal(info.tables["classes"].is_const, True, "whether a table is constant")
        equal(info.tables["classes"].has_initial_entries, True, "whether it has entries")
        equal(info.tables["bookmarks"].is_const, False, "whether another is constant")
        equal(info.tables["bookmarks"].has_initial_entries, True, "whether that has entries")
        equal(info.tables["fixed"].const_default_action.alias, "answer", "a constant default")
        scopes = {one.alias: one.scope for one in info.tables["services"].actions}
        equal(scopes["forward"], P4ActionScope.TABLE_ONLY, "the scope of an action")
        equal(scopes["refuse"], P4ActionScope.DEFAULT_ONLY, "the scope of another")
        forward = info.actions["forward"]
        equal(
            [(one.name, one.bitwidth) for one in forward.params],
            [("port", 9), ("value", 32)],
            "the parameters of an action",
        )
        equal(info.counters["questions"].size, 16, "the size of a counter array")
        equal(info.counters["others"].unit, P4CounterUnit.PACKETS, "the unit of a counter")
        equal(info.registers["remembered"].size, 16, "the size of a register")
        equal(info.registers["remembered"].type_spec.bitwidth, 32, "the width of a register")
        metadata = info.controller_packet_metadata["packet_in"].metadata
        equal(
            [(one.name, one.bitwidth) for one in metadata],
            [("ingress_port", 9), ("table_number", 7), ("answer", 32)],
            "packet-in metadata",
        )


@check
async def kept_by_cookie(session):
    """A controller that comes again knows its pipeline by the cookie, and finds its entries."""
    async with session.switchboard() as controller:
        await controller.write([+station(1)])
    async with session.switchboard() as controller:
        equal(len(await everything(controller, fy.P4TableEntry("stations"))), 1, "the stations")
    async with session.switchboard(p4force=True) as controller:
        equal(len(await everything(controller, fy.P4TableEntry("stations"))), 0, "when forced")


@check
async def another_program(session):
    """A controller with another program replaces the one that is there."""
    async with session.switchboard() as controller:
        await controller.write([+station(1)])
    async with session.controller(session.programs.nat) as controller:
        equal(await everything(controller, fy.P4TableEntry()), [], "the entries")
        equal(len(await everything(controller, fy.P4CounterEntry("drops"))), 64, "the counters")
    async with session.switchboard() as controller:
        equal(await everything(controller, fy.P4TableEntry("stations")), [], "the stations")
        async with Asker(controller) as asker:
            equal(await asker.ask(questions.ALWAYS), 8, "the answer")


@check
async def wrong_program(session):
    """A program that is none is refused, and the one that is there stays."""
    async with session.switchboard() as controller:
        await controller.write([+station(1)])
        good = controller.p4info.get_pipeline_config()
        other = p4r.ForwardingPipelineConfig()
        other.CopyFrom(good)
        other.p4_device_config = b"{}"
        call = controller._set_pipeline_config_request
        await refused(call(config=other), "INVALID_ARGUMENT")
        await refused(call(config=good, action=fy.P4ConfigAction.COMMIT), "INVALID_ARGUMENT")
        await call(config=good, action=fy.P4ConfigAction.VERIFY)
        equal(len(await everything(controller, fy.P4TableEntry("stations"))), 1, "the stations")
        await call(config=good, action=fy.P4ConfigAction.RECONCILE_AND_COMMIT)
        equal(len(await everything(controller, fy.P4TableEntry("stations"))), 1, "the stations")


@check
async def wrong_device(session):
    """A controller of another device is not served."""

    async def connect():
        async with session.switchboard(device_id=7):
            pass

    await refused(connect(), "NOT_FOUND")
