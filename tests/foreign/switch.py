"""A soft switch as a process of its own, and the programs that it can run."""

import functools
import pathlib
import select
import subprocess
import tempfile
import time

# How long the switch has to start, and to stop.
PATIENCE_S = 15

# The line by which it says where it serves.
SERVES = "p4runtime on "


class Switch:
    """A running switch on a free port. Used as a context manager, it stops at the end."""

    def __init__(self, dpd, *arguments):
        self._log = tempfile.TemporaryFile(mode="w+")
        # It does not outlive this program, even if that is killed.
        command = ["setpriv", "--pdeathsig", "KILL", dpd, "softswitch"]
        command += ["--p4rt-listen", "127.0.0.1:0", *map(str, arguments)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log
        )
        try:
            self.address = self._where_it_serves()
        except BaseException:
            self._kill()
            raise

    def _where_it_serves(self):
        """Waits for the line that says so. The output is read as it comes, for the switch may write
        less than a line and then no more."""
        text, deadline = b"", time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if not select.select([self._process.stdout], [], [], 0.1)[0]:
                continue
            some = self._process.stdout.read1()
            text += some
            for line in text.decode(errors="replace").splitlines(keepends=True):
                if line.startswith(SERVES) and line.endswith("\n"):
                    return line[len(SERVES) :].strip()
            if not some:
                break
        raise RuntimeError(f"the switch does not start; it wrote {text!r}\n{self.log()}")

    def log(self):
        """What it wrote to standard error."""
        self._log.seek(0)
        return self._log.read()[-4000:]

    def is_running(self):
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self):
        """Asks it to stop, and how it ended."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE_S)
        finally:
            self._kill()

    def _kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _traceback):
        ended_before = self._process.poll()
        ended = self.stop()
        if kind is None and ended_before is not None:
            raise RuntimeError(f"the switch ended by itself with {ended}:\n{self.log()}")
        if kind is None and ended != 0:
            raise RuntimeError(
                f"the switch was asked to stop and ended with {ended}:\n{self.log()}"
            )


class Program:
    """A P4 program in a file, and the file of its P4Info, which the switch writes."""

    def __init__(self, dpd, source, folder):
        self.source = source
        self.p4info = pathlib.Path(folder) / f"{source.stem}.p4info.txtpb"
        command = [dpd, "softswitch", "--program", source, "--write-p4info", self.p4info]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0 or not self.p4info.exists():
            raise RuntimeError(
                f"no P4Info of {source}: {done.returncode}, {done.stdout!r}, {done.stderr!r}"
            )


class Programs:
    """The programs that the checks use."""

    def __init__(self, dpd, root):
        self._dpd = dpd
        self._folder = tempfile.TemporaryDirectory(prefix="dpd-foreign-")
        self.switchboard = self._load(root / "tests/foreign/programs/switchboard.p4")
        self.nat = self._load(root / "p4/programs/nat.p4")

    def _load(self, source):
        return Program(self._dpd, source, self._folder.name)

    def changed(self, name, program, *changes):
        """A program with parts of its text replaced, each of which has to be there once."""
        text = program.source.read_text()
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {program.source}"
            text = text.replace(old, new)
        source = pathlib.Path(self._folder.name) / f"{name}.p4"
        source.write_text(text)
        return self._load(source)


@functools.lru_cache(maxsize=None)
def all_programs(dpd, root):
    """The programs; their P4Info is written once."""
    return Programs(dpd, root)
