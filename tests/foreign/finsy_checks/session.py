"""A switch of one's own with finsy as its controller."""

import asyncio
import contextlib
import io
import logging

import finsy as fy
import questions
from checks import Failed, equal, one_of, true
from finsy.p4client import P4ClientError
from switch import Switch, all_programs


class Session:
    """What a check has: the switch, its programs, and controllers that it connects."""

    def __init__(self, options, programs, switch):
        self.options = options
        self.programs = programs
        self.switch = switch
        self._log = io.StringIO()
        logging.basicConfig(stream=self._log, level=logging.WARNING, force=True)

    def controller(self, program=None, **options):
        """A controller, to be entered; it sets this program, unless it is there already."""
        if program is not None:
            options |= {"p4info": program.p4info, "p4blob": program.source}
        return fy.Switch("switch", self.switch.address, fy.SwitchOptions(**options))

    def switchboard(self, **options):
        """A controller with the program that most checks use."""
        return self.controller(self.programs.switchboard, **options)

    def explain(self):
        """What finsy and the switch said."""
        return f"finsy:\n{self._log.getvalue()}\nthe switch:\n{self.switch.log()}"


@contextlib.asynccontextmanager
async def world(options):
    """A session with a switch that has no program yet."""
    programs = all_programs(options.dpd, options.root)
    with Switch(options.dpd) as switch:
        yield Session(options, programs, switch)


class Asker:
    """Sends questions by a controller and reads what comes back. Used as a context manager."""

    def __init__(self, controller):
        self._controller = controller
        self._received = asyncio.Queue()
        self._task = None

    async def __aenter__(self):
        self._task = asyncio.create_task(self._receive())
        # The controller keeps packets as soon as somebody waits for them.
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _receive(self):
        async for packet in self._controller.read_packets(queue_size=10_000):
            self._received.put_nowait(packet)

    async def send(self, payload, table_number, port=questions.CPU_PORT):
        """Sends a packet-out."""
        await self._controller.write(
            [fy.P4PacketOut(payload, port=port, table_number=table_number)]
        )

    async def come_back(self):
        """All packets that come back of those that were sent before."""
        await self.send(questions.LAST, questions.ALWAYS)
        packets = []
        while True:
            packet = await self._received.get()
            if packet.payload == questions.LAST:
                return packets
            packets.append(packet)

    async def ask(self, table_number, **key):
        """What a table answers for this key; nothing if the packet does not come back."""
        payload = questions.question(**key)
        await self.send(payload, table_number)
        packets = await self.come_back()
        if not packets:
            return None
        equal([one.payload for one in packets], [payload], "what came back")
        return packets[0]["answer"]


async def everything(controller, *entities):
    """All that a read gives."""
    return [one async for one in controller.read(entities)]


async def refused(call, *allowed):
    """Fails unless the call is refused as a whole with one of the codes."""
    try:
        result = await call
    except P4ClientError as error:
        one_of(error.code.name, allowed, f"the code of {error}")
        true(error.message, f"expected words with {error}")
        return error
    raise Failed(f"expected a refusal with one of {allowed}, found {result!r}")


async def refused_updates(call, codes):
    """Fails unless the updates at these places, and no others, are refused with these codes."""
    try:
        await call
    except P4ClientError as error:
        found = {place: one.canonical_code.name for place, one in error.details.items()}
        equal((error.code.name, found), ("UNKNOWN", codes), f"the codes of {error}")
        true(
            all(one.message for one in error.details.values()), f"expected words for each: {error}"
        )
        return
    raise Failed(f"expected updates to be refused with {codes}, all were taken")
