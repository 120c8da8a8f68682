"""Drives the soft switch with the P4Runtime shell and the stubs that come with it."""

import checks
from shell_checks import (
    arbitration,
    batches,
    bytestrings,
    counters,
    kinds,
    nat,
    packets,
    pipeline,
    refusals,
    tables,
)
from shell_checks.session import world

SUBJECTS = [
    pipeline,
    tables,
    refusals,
    bytestrings,
    batches,
    counters,
    packets,
    arbitration,
    kinds,
    nat,
]

if __name__ == "__main__":
    checks.main(__doc__, [subject.check for subject in SUBJECTS], world)
