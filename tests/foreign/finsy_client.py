"""Drives the soft switch with finsy."""

import checks
from finsy_checks import arbitration, counters, nat, packets, pipeline, tables
from finsy_checks.session import world

SUBJECTS = [pipeline, tables, counters, packets, arbitration, nat]

if __name__ == "__main__":
    checks.main(__doc__, [subject.check for subject in SUBJECTS], world)
