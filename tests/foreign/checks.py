"""Checks: functions with a rule each, a line for every one of them, and a count at the end."""

import argparse
import asyncio
import inspect
import pathlib
import signal
import sys
import time
import traceback

# How long one check may take.
PATIENCE_S = 30


class Failed(Exception):
    """A rule does not hold."""


def equal(found, expected, what):
    """Fails unless both are equal."""
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


def one_of(found, allowed, what):
    """Fails unless what was found is among what is allowed."""
    if found not in allowed:
        raise Failed(f"{what}: expected one of {allowed!r}, found {found!r}")


def contains(text, part, what):
    """Fails unless the part is in the text."""
    if part not in text:
        raise Failed(f"{what}: expected {part!r} to be in {text!r}")


def true(condition, what):
    """Fails unless the condition holds."""
    if not condition:
        raise Failed(what)


class Checks:
    """A list of checks of one subject. Used as a decorator, it adds a function to the list; its
    rule is the first line of the function's docstring."""

    def __init__(self, subject):
        self.subject = subject
        self.functions = []

    def __call__(self, function):
        self.functions.append(function)
        return function


def main(description, subjects, world):
    """Runs all checks of the subjects, each with a world of its own, and ends the program.

    `world(options)` is a context manager, an asynchronous one if the checks are asynchronous. What
    it yields is passed to a check; its `explain()` says what may help if the check fails.
    """
    options = arguments(description)
    passed, failed = 0, 0
    for subject in subjects:
        for function in subject.functions:
            rule = inspect.getdoc(function).splitlines()[0].rstrip(".")
            name = f"{subject.subject}: {rule}"
            if options.only not in name:
                continue
            started = time.monotonic()
            reason = run(function, world, options)
            took_ms = round((time.monotonic() - started) * 1000)
            if reason is None:
                passed += 1
                print(f"ok      {name} ({took_ms} ms)", flush=True)
            else:
                failed += 1
                print(f"FAILED  {name} ({took_ms} ms)\n{indent(reason)}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(0 if failed == 0 and passed > 0 else 1)


def arguments(description):
    """The command line that all clients have."""
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--dpd",
        type=pathlib.Path,
        default=root / "target/debug/dpd",
        help="the program whose `softswitch` is checked",
    )
    parser.add_argument("--only", default="", help="run the checks with this text in their names")
    options = parser.parse_args()
    options.root = root
    options.dpd = options.dpd.resolve()
    return options


def run(function, world, options):
    """Why the check failed, if it did."""
    described = {"text": ""}
    try:
        if inspect.iscoroutinefunction(function):
            asyncio.run(run_asynchronous(function, world, options, described))
        else:
            run_synchronous(function, world, options, described)
        return None
    except Failed as failed:
        reason = str(failed)
    # A client that gives up ends the program.
    except (Exception, SystemExit):
        reason = traceback.format_exc(limit=-4, chain=False).rstrip()
    return f"{reason}\n{described['text']}".rstrip()


def run_synchronous(function, world, options, described):
    """Runs a check; a signal ends it when it takes too long."""

    def too_long(_signal, _frame):
        raise TimeoutError(f"it takes longer than {PATIENCE_S} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(PATIENCE_S)
    try:
        with world(options) as place:
            try:
                function(place)
            except BaseException:
                described["text"] = place.explain()
                raise
    finally:
        signal.alarm(0)


async def run_asynchronous(function, world, options, described):
    """Runs a check as a task that is cancelled when it takes too long."""

    async def within():
        async with world(options) as place:
            try:
                await function(place)
            except BaseException:
                described["text"] = place.explain()
                raise

    await asyncio.wait_for(within(), PATIENCE_S)


def indent(text):
    """The text, further to the right."""
    return "\n".join(f"        {line}" for line in text.splitlines())
