"""Who is primary, as finsy arranges it."""

import finsy as fy
from checks import Checks, equal, true
from finsy import SwitchEvent

from finsy_checks.session import everything, refused
from finsy_checks.tables import station

check = Checks("arbitration")


@check
async def higher_takes_over(session):
    """A controller with a higher election id takes over, and the first becomes a backup."""
    async with session.switchboard(initial_election_id=10) as first:
        became_backup = first.ee.event_future(SwitchEvent.BECOME_BACKUP)
        true(first.is_primary, "expected the first to be primary")
        async with session.switchboard(initial_election_id=20) as second:
            true(second.is_primary, "expected the second to be primary")
            await became_backup
            equal((first.is_primary, first.primary_id), (False, 20), "what the first knows")
            await refused(first.insert([station(1)]), "PERMISSION_DENIED")
            await second.insert([station(1)])
            # Whoever it is may read.
            equal(len(await everything(first, fy.P4TableEntry("stations"))), 1, "the stations")


@check
async def lower_is_a_backup(session):
    """A controller with a lower election id is a backup, and finds the program that is there."""
    async with session.switchboard(initial_election_id=20) as first:
        async with session.controller(initial_election_id=10) as second:
            equal((second.is_primary, second.primary_id), (False, 20), "what the second knows")
            true(second.p4info.exists, "expected the second to read the P4Info")
            await refused(second.insert([station(1)]), "PERMISSION_DENIED")
            true(first.is_primary, "expected the first to be primary still")


@check
async def taken_election_id(session):
    """Of two controllers with the same election id, the second goes on with a lower one."""
    async with session.switchboard(initial_election_id=10) as first:
        async with session.controller(initial_election_id=10) as second:
            equal((second.is_primary, second.election_id), (False, 9), "what the second knows")
            async with session.controller(initial_election_id=10) as third:
                equal((third.is_primary, third.election_id), (False, 8), "what the third knows")
        true(first.is_primary, "expected the first to be primary still")


@check
async def backup_follows(session):
    """When the primary goes away, a backup that bids as high becomes primary."""
    async with session.controller(initial_election_id=10) as backup:
        became_backup = backup.ee.event_future(SwitchEvent.BECOME_BACKUP)
        became_primary = backup.ee.event_future(SwitchEvent.BECOME_PRIMARY)
        async with session.switchboard(initial_election_id=20) as primary:
            await became_backup
            await primary.insert([station(1)])
        await became_primary
        equal((backup.is_primary, backup.election_id), (True, 20), "what the backup knows")
        ready = backup.ee.event_future(SwitchEvent.CHANNEL_READY)
        if not backup.p4info.exists:
            await ready
        await backup.insert([station(2)])
        equal(len(await everything(backup, fy.P4TableEntry("stations"))), 2, "the stations")


@check
async def comes_back(session):
    """A controller that goes away and comes back with its election id is primary again."""
    for _ in range(5):
        async with session.switchboard(initial_election_id=10) as controller:
            true(controller.is_primary, "expected it to be primary")
