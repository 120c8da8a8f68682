"""A switch of one's own with the shell as its controller."""

import contextlib
import io
import logging

import p4runtime_sh.shell as sh
from checks import Failed
from switch import Switch, all_programs

from shell_checks import rpc

DEVICE_ID = 1
ELECTION_ID = (0, 10)


class Session:
    """What a check has: the switch, its programs and, once it connected, the shell."""

    def __init__(self, options, programs, switch):
        self.options = options
        self.programs = programs
        self.switch = switch
        self._others = []
        self._log = io.StringIO()
        logging.basicConfig(stream=self._log, level=logging.ERROR, force=True)

    def connect(self, program=None, election_id=ELECTION_ID, device_id=DEVICE_ID):
        """Connects the shell, which sets this program if there is one."""
        config = program and sh.FwdPipeConfig(str(program.p4info), str(program.source))
        try:
            # Less of words would be less of canonical byte strings too: the shell's two options are
            # one.
            sh.setup(device_id, self.switch.address, election_id, config=config, verbose=True)
        except SystemExit:
            # It has taken itself down.
            sh.client = None
            raise Failed(f"the shell gives up:\n{self._log.getvalue()}") from None

    def switchboard(self):
        """Connects the shell and sets the program that most checks use."""
        self.connect(self.programs.switchboard)

    @property
    def raw(self):
        """The operations over the shell's own channel, as the shell itself."""
        return rpc.Operations(sh.client.channel, sh.client.device_id, sh.client.election_id)

    def other(self, election_id, device_id=DEVICE_ID):
        """One more controller, which goes away at the end."""
        other = rpc.Controller(self.switch.address, device_id, election_id)
        self._others.append(other)
        return other

    def close(self):
        """Takes all controllers away."""
        for other in self._others:
            other.close()
        if sh.client is not None:
            sh.teardown()

    def explain(self):
        """What the shell and the switch said."""
        return f"the shell:\n{self._log.getvalue()}\nthe switch:\n{self.switch.log()}"


@contextlib.contextmanager
def world(options):
    """A session with a switch that has no program yet."""
    programs = all_programs(options.dpd, options.root)
    # What the shell says when it is no primary is for somebody who sits before it.
    with Switch(options.dpd) as switch, contextlib.redirect_stdout(io.StringIO()):
        session = Session(options, programs, switch)
        try:
            yield session
        finally:
            session.close()
