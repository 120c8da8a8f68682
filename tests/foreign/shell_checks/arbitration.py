"""Who is primary."""

import p4runtime_sh.shell as sh
from checks import Checks, equal, one_of
from google.protobuf import any_pb2
from p4.v1 import p4runtime_pb2 as p4r

from shell_checks.messages import action, entry, exact, insert
from shell_checks.rpc import refused

check = Checks("arbitration")


def station(number):
    """An update that inserts a station."""
    return insert(entry("stations", {"station": exact(number)}, action("answer", 1)))


def told(shell):
    """What the shell is told of who is primary."""
    message = shell.get_stream_packet("arbitration", timeout=10)
    highest = message.arbitration.election_id
    return (highest.high, highest.low), message.arbitration.status.code


def write(controller, number):
    """The code of a write."""
    return controller.write([station(number)])[0].code


OK, NOT_FOUND, ALREADY_EXISTS = 0, 5, 6


@check
def takes_over(session):
    """A controller with a higher election id takes over, and the first is told and refused."""
    session.switchboard()
    equal(write(session.raw, 1), "OK", "a write of the first")
    other = session.other((0, 11))
    other.bid((0, 11))
    equal(other.told(), ((0, 11), "OK"), "what the second is told")
    equal(told(sh.client), ((0, 11), ALREADY_EXISTS), "what the first is told")
    refused("PERMISSION_DENIED", session.raw.write, [station(2)])
    program = session.programs.switchboard
    refused("PERMISSION_DENIED", session.raw.set_pipeline, "VERIFY", program)
    equal(write(other, 3), "OK", "a write of the second")
    # Whoever it is may read.
    equal(len(session.raw.read(entry("stations"))), 2, "the stations that the first reads")


@check
def lower(session):
    """A controller with a lower election id is a backup, of which nobody is told."""
    session.switchboard()
    other = session.other((0, 9))
    other.bid((0, 9))
    equal(other.told(), ((0, 10), "ALREADY_EXISTS"), "what the second is told")
    refused("PERMISSION_DENIED", other.write, [station(1)])
    equal(write(session.raw, 2), "OK", "a write of the first")
    equal(sh.client.get_stream_packet("arbitration", timeout=0.1), None, "what the first is told")


@check
def high_part(session):
    """The high part of an election id counts more than the low one."""
    session.switchboard()
    other = session.other((1, 0))
    other.bid((1, 0))
    equal(other.told(), ((1, 0), "OK"), "what the second is told")
    equal(told(sh.client), ((1, 0), ALREADY_EXISTS), "what the first is told")
    other.bid((2**64 - 1, 2**64 - 1))
    equal(other.told(), ((2**64 - 1, 2**64 - 1), "OK"), "with the highest there is")
    equal(write(other, 1), "OK", "a write of the second")


@check
def goes_away(session):
    """When the primary goes away there is none, until one with a bid as high comes."""
    session.switchboard()
    other = session.other((0, 20))
    other.bid((0, 20))
    equal(other.told(), ((0, 20), "OK"), "what the second is told")
    equal(told(sh.client), ((0, 20), ALREADY_EXISTS), "what the first is told")
    other.close()
    equal(told(sh.client), ((0, 20), NOT_FOUND), "what the first is told when the second is gone")
    refused("PERMISSION_DENIED", session.raw.write, [station(1)])
    # A bid that is lower than the highest there was makes no primary.
    sh.client.stream_out_q.put(bid((0, 15)))
    equal(told(sh.client), ((0, 20), NOT_FOUND), "what the first is told of a low bid")
    sh.client.stream_out_q.put(bid((0, 20)))
    equal(told(sh.client), ((0, 20), OK), "what the first is told of a bid as high")
    sh.client.election_id = (0, 20)
    equal(write(session.raw, 2), "OK", "a write of the first")


def bid(election_id, device_id=1):
    """A message by which a controller says under which election id it wants to be primary."""
    return p4r.StreamMessageRequest(
        arbitration=p4r.MasterArbitrationUpdate(
            device_id=device_id,
            election_id=p4r.Uint128(high=election_id[0], low=election_id[1]),
        )
    )


@check
def steps_down(session):
    """A primary that bids less becomes a backup, and there is no primary."""
    session.switchboard()
    other = session.other((0, 1))
    other.bid((0, 1))
    equal(other.told(), ((0, 10), "ALREADY_EXISTS"), "what the backup is told")
    sh.client.stream_out_q.put(bid((0, 5)))
    equal(told(sh.client), ((0, 10), NOT_FOUND), "what the first is told")
    equal(other.told(), ((0, 10), "NOT_FOUND"), "what the backup is told")
    sh.client.election_id = (0, 5)
    refused("PERMISSION_DENIED", session.raw.write, [station(1)])


@check
def duplicate(session):
    """An election id that another controller has ends the stream of the one that comes later."""
    session.switchboard()
    other = session.other((0, 10))
    other.bid((0, 10))
    code, message = other.ended()
    equal(code, "INVALID_ARGUMENT", "how the second stream ends")
    equal(bool(message), True, "whether there are words")
    equal(write(session.raw, 1), "OK", "a write of the first")
    # The first can say it again.
    sh.client.stream_out_q.put(bid((0, 10)))
    equal(told(sh.client), ((0, 10), OK), "what the first is told when it says it again")


@check
def duplicate_of_a_backup(session):
    """That goes for the election ids of backups too, and for who changes to one."""
    session.switchboard()
    one, two = session.other((0, 3)), session.other((0, 4))
    one.bid((0, 3))
    equal(one.told(), ((0, 10), "ALREADY_EXISTS"), "what the first backup is told")
    two.bid((0, 4))
    equal(two.told(), ((0, 10), "ALREADY_EXISTS"), "what the second backup is told")
    two.bid((0, 3))
    equal(two.ended()[0], "INVALID_ARGUMENT", "how the stream of the second ends")
    one.hears_nothing()
    equal(write(session.raw, 1), "OK", "a write of the primary")


@check
def unset(session):
    """A controller without an election id is a backup, and there can be several."""
    session.switchboard()
    for _ in range(2):
        other = session.other(None)
        other.bid(None)
        equal(other.told(), ((0, 10), "ALREADY_EXISTS"), "what it is told")
        refused("PERMISSION_DENIED", other.write, [station(1)])


@check
def unset_alone(session):
    """A controller without an election id is no primary even if it is alone."""
    other = session.other(None)
    other.bid(None)
    equal(other.told(), (None, "NOT_FOUND"), "what it is told")
    refused("PERMISSION_DENIED", other.write, [])


@check
def zero(session):
    """An election id of 0 is lower than any other, and writes under it are refused."""
    session.switchboard()
    other = session.other((0, 0))
    other.bid((0, 0))
    # The specification sets it apart from an unset one, and says no more. It may be refused.
    message = other.next()
    if isinstance(message, p4r.StreamMessageResponse):
        equal(message.arbitration.status.code, ALREADY_EXISTS, "what it is told")
    else:
        equal(message.code().name, "INVALID_ARGUMENT", "how its stream ends")
    refused(("PERMISSION_DENIED", "INVALID_ARGUMENT"), other.write, [station(1)])


@check
def wrong_device(session):
    """A controller of another device is not served."""
    session.switchboard()
    other = session.other((0, 11), device_id=2)
    other.bid((0, 11))
    code, message = other.ended()
    equal(code, "NOT_FOUND", "how the stream ends")
    equal("2" in message, True, f"whether {message!r} says which device")
    equal(write(session.raw, 1), "OK", "a write of the first")


@check
def another_device_later(session):
    """A controller cannot go to another device by the same stream."""
    session.switchboard()
    other = session.other((0, 3))
    other.bid((0, 3))
    other.told()
    other.bid((0, 3), device_id=2)
    equal(other.ended()[0], "FAILED_PRECONDITION", "how the stream ends")


@check
def another_role_later(session):
    """A controller cannot go to another role by the same stream."""
    session.switchboard()
    other = session.other((0, 3))
    other.bid((0, 3))
    other.told()
    other.bid((0, 3), role=p4r.Role(name="spectator"))
    equal(other.ended()[0], "FAILED_PRECONDITION", "how the stream ends")


@check
def role_with_configuration(session):
    """A role with a configuration, of which nothing was agreed upon, is refused."""
    session.switchboard()
    other = session.other((0, 3))
    role = p4r.Role(name="spectator", config=any_pb2.Any(type_url="a/b"))
    other.bid((0, 3), role=role)
    equal(other.ended()[0], "INVALID_ARGUMENT", "how the stream ends")


@check
def role_of_ones_own(session):
    """A role has a primary of its own, who writes beside the others."""
    session.switchboard()
    other = session.other((0, 3))
    other.bid((0, 3), role=p4r.Role(name="second"))
    equal(other.told(), ((0, 3), "OK"), "what its controller is told")
    (outcome,) = other.write([station(1)], role="second")
    equal(outcome.code, "OK", "a write under the role")
    refused("PERMISSION_DENIED", other.write, [station(2)])
    equal(write(session.raw, 3), "OK", "a write of the default role's primary")


@check
def writes_without_a_stream(session):
    """A write under an election id that nobody has is refused; one needs no stream to read."""
    session.switchboard()
    other = session.other((0, 99))
    refused("PERMISSION_DENIED", other.write, [station(1)])
    refused("PERMISSION_DENIED", other.write, [station(1)], election_id=None)
    equal(other.read(entry("stations")), [], "what is read")


@check
def messages_before_arbitration(session):
    """A controller that sends packets before it says who it is gets no further."""
    session.switchboard()
    other = session.other((0, 3))
    other.send(packet=p4r.PacketOut(payload=bytes(64)))
    message = other.next()
    if isinstance(message, p4r.StreamMessageResponse):
        equal(message.error.canonical_code in (7, 9), True, f"the code of {message}")
    else:
        one_of(message.code().name, ("PERMISSION_DENIED", "FAILED_PRECONDITION"), "how it ends")


@check
def many_that_come_and_go(session):
    """Controllers that come and go leave nothing behind."""
    session.switchboard()
    for turn in range(50):
        other = session.other((0, 100))
        other.bid((0, 100))
        equal(other.told(), ((0, 100), "OK"), f"what controller {turn} is told")
        other.close()
