"""The operations of P4Runtime over the stubs that come with the shell, for what the shell hides."""

import queue
import threading
from typing import NamedTuple

import grpc
from checks import Failed, contains, one_of, true
from google.protobuf import text_format
from google.rpc import code_pb2, status_pb2
from p4.v1 import p4runtime_pb2 as p4r
from p4.v1 import p4runtime_pb2_grpc

# How long one operation may take.
PATIENCE_S = 10

# The outcomes of a large batch come as metadata, of which gRPC takes little if not told otherwise.
LARGE_METADATA = [
    ("grpc.max_metadata_size", 1 << 24),
    ("grpc.absolute_max_metadata_size", 1 << 24),
]


class Refused(Exception):
    """An operation that the switch refused as a whole."""

    def __init__(self, error):
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code = error.code().name
        self.message = error.details()
        self.details = details(error)

    def says(self, *parts):
        """Fails unless all parts are in the message."""
        for part in parts:
            contains(self.message, part, "the message")


class Outcome(NamedTuple):
    """What became of an update of a write, or of an entity of a read."""

    code: str
    message: str


def details(error):
    """What became of each update, from the trailing metadata; none if it does not say."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            if status.code != error.code().value[0] or status.message != error.details():
                raise Failed(f"the details {status} contradict {error.code()}, {error.details()}")
            return [outcome(any_message) for any_message in status.details]
    return None


def outcome(any_message):
    """A detail in words."""
    message = p4r.Error()
    if not any_message.Unpack(message):
        raise Failed(f"a detail is a {any_message.type_url}, not a p4.v1.Error")
    return Outcome(code_pb2.Code.Name(message.canonical_code), message.message)


def refused(codes, call, *arguments, **named):
    """Fails unless the call is refused with one of the codes and in words. Gives the refusal."""
    codes = [codes] if isinstance(codes, str) else codes
    try:
        result = call(*arguments, **named)
    except Refused as refusal:
        one_of(refusal.code, codes, f"the code of {refusal}")
        true(refusal.message, f"{refusal.code} comes without a word")
        return refusal
    raise Failed(f"expected a refusal with one of {codes}, found {result!r}")


def uint128(number):
    """(high, low) as a message; nothing for nothing."""
    return None if number is None else p4r.Uint128(high=number[0], low=number[1])


class Operations:
    """The operations with one device on one channel."""

    def __init__(self, channel, device_id, election_id):
        self.stub = p4runtime_pb2_grpc.P4RuntimeStub(channel)
        self.device_id = device_id
        self.election_id = election_id

    def call(self, operation, request):
        """Calls an operation that has one answer."""
        try:
            return getattr(self.stub, operation)(request, timeout=PATIENCE_S)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def write(self, updates, atomicity=p4r.WriteRequest.CONTINUE_ON_ERROR, **changed):
        """Writes, and gives what became of each update."""
        request = {
            "device_id": self.device_id,
            "election_id": uint128(self.election_id),
            "updates": updates,
            "atomicity": atomicity,
        }
        try:
            self.call("Write", p4r.WriteRequest(**{**request, **changed}))
        except Refused as refusal:
            if refusal.details is None:
                raise
            if refusal.code != "UNKNOWN" or len(refusal.details) != len(updates):
                raise Failed(
                    f"for {len(updates)} updates: {refusal.code}, {refusal.details}"
                ) from None
            return refusal.details
        return [Outcome("OK", "")] * len(updates)

    def read(self, *entities, **changed):
        """Reads, and gives all entities. What was wrong with some is in a refusal's details."""
        request = p4r.ReadRequest(**{"device_id": self.device_id, "entities": entities, **changed})
        try:
            answers = self.stub.Read(request, timeout=PATIENCE_S)
            return [entity for answer in answers for entity in answer.entities]
        except grpc.RpcError as error:
            raise Refused(error) from None

    def set_pipeline(self, action, program=None, cookie=None, **changed):
        """Sets a program, or its P4Info and device configuration as given."""
        request = {
            "device_id": self.device_id,
            "election_id": uint128(self.election_id),
            "action": p4r.SetForwardingPipelineConfigRequest.Action.Value(action),
            "config": program and config(program, cookie),
        }
        request = p4r.SetForwardingPipelineConfigRequest(**{**request, **changed})
        return self.call("SetForwardingPipelineConfig", request)

    def get_pipeline(self, response_type="ALL", device_id=None):
        """The whole answer."""
        request = p4r.GetForwardingPipelineConfigRequest(
            device_id=self.device_id if device_id is None else device_id,
            response_type=p4r.GetForwardingPipelineConfigRequest.ResponseType.Value(response_type),
        )
        return self.call("GetForwardingPipelineConfig", request)


def config(program, cookie=None):
    """A program as a controller sets it."""
    message = p4r.ForwardingPipelineConfig(p4_device_config=program.source.read_bytes())
    text_format.Parse(program.p4info.read_text(), message.p4info)
    if cookie is not None:
        message.cookie.cookie = cookie
    return message


class Controller(Operations):
    """A controller with a stream of its own, which says what comes by it."""

    def __init__(self, address, device_id, election_id):
        self._channel = grpc.insecure_channel(address, LARGE_METADATA)
        super().__init__(self._channel, device_id, election_id)
        self._requests = queue.Queue()
        self._responses = queue.Queue()
        self._stream = self.stub.StreamChannel(iter(self._requests.get, None))
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        try:
            for response in self._stream:
                self._responses.put(response)
            self._responses.put(None)
        except grpc.RpcError as error:
            self._responses.put(error)

    def send(self, **message):
        """Sends a message by the stream."""
        self._requests.put(p4r.StreamMessageRequest(**message))

    def bid(self, election_id, device_id=None, role=None):
        """Says under which election id it wants to be primary."""
        self.election_id = election_id
        self.send(
            arbitration=p4r.MasterArbitrationUpdate(
                device_id=self.device_id if device_id is None else device_id,
                election_id=uint128(election_id),
                role=role,
            )
        )

    def received(self, kind):
        """The next message, which has to be of this kind."""
        message = self.next()
        if not isinstance(message, p4r.StreamMessageResponse) or not message.HasField(kind):
            raise Failed(f"expected a message with {kind} by the stream, found {message!r}")
        return getattr(message, kind)

    def told(self):
        """What it is told of who is primary: the highest election id, and its status."""
        message = self.received("arbitration")
        highest = message.election_id
        known = (highest.high, highest.low) if message.HasField("election_id") else None
        return known, code_pb2.Code.Name(message.status.code)

    def ended(self):
        """How the stream ended: the code and the message."""
        message = self.next()
        if not isinstance(message, grpc.RpcError):
            raise Failed(f"expected the stream to be ended with an error, found {message!r}")
        return message.code().name, message.details()

    def hears_nothing(self):
        """Fails if something came that nobody took."""
        if not self._responses.empty():
            raise Failed(f"expected nothing more, found {self._responses.get()!r}")

    def next(self):
        """What comes next by the stream: a message, an error, or nothing at its good end."""
        try:
            return self._responses.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise Failed(f"nothing came by the stream for {PATIENCE_S} s") from None

    def close(self):
        """Goes away, and waits until the switch has seen it."""
        self._requests.put(None)
        self._thread.join(PATIENCE_S)
        alive = self._thread.is_alive()
        self._channel.close()
        if alive:
            raise Failed("the switch does not end a stream whose controller has no more to say")
