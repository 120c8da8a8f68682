"""Capabilities, and setting and reading pipelines."""

import re

import p4runtime_sh.shell as sh
import questions
from checks import Checks, equal, true
from google.protobuf import text_format
from p4.config.v1 import p4info_pb2
from switch import Switch

from shell_checks.asking import ask
from shell_checks.messages import action, entry, exact, insert
from shell_checks.rpc import config, refused

check = Checks("pipeline")

COOKIE = 0x1122334455667788


def p4info_of(program):
    """The P4Info that the switch wrote to a file."""
    return text_format.Parse(program.p4info.read_text(), p4info_pb2.P4Info())


def station(number):
    """An update that inserts a station."""
    return insert(entry("stations", {"station": exact(number)}, action("answer", 70 + number)))


def stations(session):
    """How many stations there are."""
    return len(session.raw.read(entry("stations")))


@check
def capabilities(session):
    """The switch says which version of P4Runtime it has."""
    session.connect()
    true(
        re.fullmatch(r"1\.[45]\.\d+(-[0-9A-Za-z.-]+)?", sh.APIVersion()),
        f"expected a semantic version 1.4.x or 1.5.x, found {sh.APIVersion()!r}",
    )


@check
def nothing_set(session):
    """A switch without a pipeline says so to who reads or writes."""
    session.connect()
    true(not session.raw.get_pipeline().HasField("config"), "expected no configuration")
    equal(sh.client.get_p4info(), p4info_pb2.P4Info(), "the P4Info")
    refused("FAILED_PRECONDITION", session.raw.read, entry(0)).says("pipeline")
    refused("FAILED_PRECONDITION", session.raw.write, [insert(entry(1))]).says("pipeline")


@check
def set_by_the_shell(session):
    """The P4Info that the shell sets is the one that it reads"""
    session.switchboard()
    equal(sh.client.get_p4info(), p4info_of(session.programs.switchboard), "the P4Info")
    true(not session.raw.get_pipeline().config.HasField("cookie"), "expected no cookie")


@check
def read_as_set(session):
    """What was set is read back, whole and in parts."""
    session.connect()
    program = session.programs.switchboard
    session.raw.set_pipeline("VERIFY_AND_COMMIT", program, COOKIE)
    whole = config(program, COOKIE)
    equal(session.raw.get_pipeline().config, whole, "ALL")
    for response_type, left_out in [
        ("COOKIE_ONLY", ["p4info", "p4_device_config"]),
        ("P4INFO_AND_COOKIE", ["p4_device_config"]),
        ("DEVICE_CONFIG_AND_COOKIE", ["p4info"]),
    ]:
        expected = config(program, COOKIE)
        for field in left_out:
            expected.ClearField(field)
        equal(session.raw.get_pipeline(response_type).config, expected, response_type)


@check
def program_at_start(session):
    """A program that the switch was started with is there, and has no cookie."""
    program = session.programs.switchboard
    with Switch(session.options.dpd, "--program", program.source) as switch:
        sh.setup(1, switch.address, (0, 1))
        found = session.raw.get_pipeline().config
        equal(found.p4info, p4info_of(program), "the P4Info")
        equal(found.p4_device_config, program.source.read_bytes(), "the device configuration")
        true(not found.HasField("cookie"), "expected no cookie")
        equal(ask(questions.ALWAYS), 8, "the answer of the default action")
        sh.teardown()


@check
def verify_changes_nothing(session):
    """A program that is only verified changes nothing."""
    session.switchboard()
    session.raw.write([station(1)])
    session.raw.set_pipeline("VERIFY", session.programs.nat)
    equal(sh.client.get_p4info(), p4info_of(session.programs.switchboard), "the P4Info")
    equal(ask(questions.STATIONS, station=1), 71, "the answer")


@check
def commit_clears(session):
    """A pipeline that is committed begins without entries, even if it is the same."""
    session.switchboard()
    session.raw.write([station(1)])
    equal(ask(questions.STATIONS, station=1), 71, "the answer before")
    session.raw.set_pipeline("VERIFY_AND_COMMIT", session.programs.switchboard)
    equal(stations(session), 0, "the number of stations")
    equal(ask(questions.STATIONS, station=1), 1, "the answer after")


def refuse_everywhere(session, wrong, *parts):
    """The configuration is refused whatever is to be done with it, and nothing changes."""
    session.switchboard()
    session.raw.write([station(1)])
    before = session.raw.get_pipeline()
    for name in ["VERIFY", "VERIFY_AND_SAVE", "VERIFY_AND_COMMIT", "RECONCILE_AND_COMMIT"]:
        refused("INVALID_ARGUMENT", session.raw.set_pipeline, name, config=wrong).says(*parts)
        equal(session.raw.get_pipeline(), before, f"the pipeline after {name}")
        equal(stations(session), 1, f"the number of stations after {name}")
    refused("NOT_FOUND", session.raw.set_pipeline, "COMMIT")


@check
def no_p4(session):
    """A device configuration that is no P4 is refused, with its line."""
    wrong = config(session.programs.switchboard)
    wrong.p4_device_config = b"control {"
    refuse_everywhere(session, wrong, "1")


@check
def not_text(session):
    """A device configuration that is no text is refused."""
    wrong = config(session.programs.switchboard)
    wrong.p4_device_config = b"\xff\xfe\x00"
    refuse_everywhere(session, wrong)


@check
def wrong_p4(session):
    """A program with a mistake is refused, and the message names it."""
    wrong = config(session.programs.switchboard)
    wrong.p4_device_config = wrong.p4_device_config.replace(b"hdr.question.port:", b"hdr.nowhere:")
    refuse_everywhere(session, wrong, "nowhere")


@check
def unsupported_p4(session):
    """A program with what the switch has not is refused, and the message names it."""
    wrong = config(session.programs.switchboard)
    wrong.p4_device_config = wrong.p4_device_config.replace(
        b"direct_counter(CounterType.packets_and_bytes) station_hits;",
        b"direct_counter(CounterType.packets_and_bytes) station_hits; "
        b"meter(4, MeterType.packets) speed;",
    )
    refuse_everywhere(session, wrong, "meter")


@check
def no_config(session):
    """No configuration at all is refused."""
    refuse_everywhere(session, None)


@check
def another_p4info(session):
    """P4Info of another program is refused."""
    wrong = config(session.programs.switchboard)
    wrong.p4info.CopyFrom(p4info_of(session.programs.nat))
    refuse_everywhere(session, wrong)


@check
def changed_p4info(session):
    """P4Info that tells of something else than the program has is refused, and the message says of
    what."""

    def renumber(p4info):
        next(one for one in p4info.tables if one.preamble.alias == "routes").preamble.id += 1000

    def narrow(p4info):
        table = next(one for one in p4info.tables if one.preamble.alias == "routes")
        table.match_fields[0].bitwidth -= 1

    def rename(p4info):
        action_info = next(one for one in p4info.actions if one.preamble.alias == "answer")
        action_info.params[0].name = "worth"

    def lose(p4info):
        index = next(i for i, one in enumerate(p4info.tables) if one.preamble.alias == "routes")
        del p4info.tables[index]

    session.switchboard()
    for change, part in [
        (renumber, "routes"),
        (narrow, "routes"),
        (rename, "answer"),
        (lose, "routes"),
    ]:
        wrong = config(session.programs.switchboard)
        change(wrong.p4info)
        refused("INVALID_ARGUMENT", session.raw.set_pipeline, "VERIFY", config=wrong).says(part)


@check
def saved_and_committed(session):
    """A program that was saved comes into force when it is committed, and not before."""
    session.switchboard()
    session.raw.set_pipeline("VERIFY_AND_SAVE", grown(session))
    equal(ask(questions.ALWAYS), 8, "the answer while the program is saved")
    refused("INVALID_ARGUMENT", session.raw.set_pipeline, "COMMIT", session.programs.switchboard)
    session.raw.set_pipeline("COMMIT")
    equal(session.raw.get_pipeline().config, config(grown(session)), "the pipeline")
    equal(ask(questions.ALWAYS), 88, "the answer when it is committed")
    refused("NOT_FOUND", session.raw.set_pipeline, "COMMIT")


def grown(session):
    """The program with larger and more tables, and with another default."""
    return session.programs.changed(
        "grown",
        session.programs.switchboard,
        ("default_action = answer(8);", "default_action = answer(88);"),
        ("size = 64;", "size = 65;"),
        (
            "    table always {",
            "    table more { key = { hdr.question.port: exact; } "
            "actions = { answer; NoAction; } }\n    table always {",
        ),
        ("always.apply();", "always.apply(); more.apply();"),
    )


@check
def reconciled(session):
    """Entries stay when a program comes that still has their tables."""
    session.switchboard()
    route = entry("routes", None, action("answer", 5))
    session.raw.write([station(1), station(2), insert(route)])
    before = session.raw.read(entry(0))
    session.raw.set_pipeline("RECONCILE_AND_COMMIT", grown(session))
    # The ids of the new program are another matter: names are what stays.
    sh.context.set_p4info(sh.client.get_p4info())
    equal(sorted(map(str, session.raw.read(entry(0)))), sorted(map(str, before)), "the entries")
    equal(ask(questions.STATIONS, station=2), 72, "the answer of an entry")
    equal(ask(questions.ALWAYS), 88, "the answer of the new default action")


@check
def not_reconciled(session):
    """A program in which entries have no place is refused, and everything stays as it was."""
    session.switchboard()
    session.raw.write([station(1), station(2)])
    shrunk = session.programs.changed(
        "shrunk", session.programs.switchboard, ("size = 64;", "size = 1;")
    )
    before = session.raw.get_pipeline()
    refused("INVALID_ARGUMENT", session.raw.set_pipeline, "RECONCILE_AND_COMMIT", shrunk).says(
        "stations"
    )
    equal(session.raw.get_pipeline(), before, "the pipeline")
    equal(ask(questions.STATIONS, station=2), 72, "the answer of an entry")


@check
def unspecified_action(session):
    """An action that says nothing is refused."""
    session.connect()
    program = session.programs.switchboard
    refused("INVALID_ARGUMENT", session.raw.set_pipeline, "UNSPECIFIED", program)


@check
def wrong_device(session):
    """Another device than the switch is not found, by any operation."""
    session.switchboard()
    program = session.programs.switchboard
    refused("NOT_FOUND", session.raw.set_pipeline, "VERIFY", program, device_id=2).says("2")
    refused("NOT_FOUND", session.raw.get_pipeline, device_id=2).says("2")
    refused("NOT_FOUND", session.raw.write, [station(1)], device_id=2).says("2")
    refused("NOT_FOUND", session.raw.read, entry(0), device_id=2).says("2")
    equal(stations(session), 0, "the number of stations")


@check
def unknown_role(session):
    """A role that nobody has is not found."""
    session.switchboard()
    program = session.programs.switchboard
    role = "spectator"
    refused("NOT_FOUND", session.raw.set_pipeline, "VERIFY", program, role=role).says(role)
    refused("NOT_FOUND", session.raw.write, [station(1)], role=role).says(role)


@check
def device_id_of_ones_own(session):
    """A switch has the device id that it was given."""
    with Switch(session.options.dpd, "--device-id", "18446744073709551615") as switch:
        sh.setup(2**64 - 1, switch.address, (0, 1))
        session.raw.set_pipeline("VERIFY_AND_COMMIT", session.programs.switchboard)
        refused("NOT_FOUND", session.raw.get_pipeline, device_id=1)
        sh.teardown()
