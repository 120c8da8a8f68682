"""Entries of every kind of table, through finsy's own objects."""

import asyncio

import finsy as fy
from checks import Checks, equal
from finsy.proto import p4r
from questions import BOOKMARKS, ROUTES, RULES, SERVICES, STATIONS

from finsy_checks.session import Asker, everything, refused_updates

check = Checks("tables")


def answer(value):
    """An action."""
    return fy.Action("answer", value=value)


def station(number, value=None, **fields):
    """A station."""
    return fy.P4TableEntry(
        "stations", match=fy.Match(station=number), action=answer(value or number), **fields
    )


def entries():
    """Entries of all kinds of keys."""
    return [
        station(0xFFFFFFFFFFFF, 2**32 - 1),
        station(1, metadata=b"\0what it is for"),
        fy.P4TableEntry("routes", match=fy.Match(address=(0x0A000000, 8)), action=answer(8)),
        fy.P4TableEntry("routes", match=fy.Match(address=(0x0A010000, 16)), action=answer(16)),
        fy.P4TableEntry("routes", action=answer(0)),
        fy.P4TableEntry(
            "rules",
            match=fy.Match(protocol=(6, 255), port=(80, 443)),
            action=answer(30),
            priority=30,
        ),
        fy.P4TableEntry(
            "rules",
            match=fy.Match(address=(0x0A000000, 0xFF000000)),
            action=fy.Action("refuse"),
            priority=20,
        ),
        fy.P4TableEntry("rules", action=answer(1), priority=1),
        fy.P4TableEntry(
            "services", match=fy.Match(address=5, protocol=0), action=answer(50), priority=2
        ),
        fy.P4TableEntry("services", match=fy.Match(address=5), action=answer(51), priority=1),
        fy.P4TableEntry("fixed", match=fy.Match(port=0), action=answer(70)),
    ]


def ordered(found):
    """Entries in an order of their own, without those of the program."""
    own = [one for one in found if one.table_id not in ("classes", "bookmarks")]
    return sorted(map(str, own))


@check
async def all_kinds(session):
    """Entries with all kinds of keys are read as they were written, and packets see them."""
    async with session.switchboard() as controller:
        await controller.insert(entries())
        found = await everything(controller, fy.P4TableEntry())
        equal(ordered(found), ordered(entries()), "the entries")
        async with Asker(controller) as asker:
            for table, key, value in [
                (STATIONS, {"station": 0xFFFFFFFFFFFF}, 2**32 - 1),
                (STATIONS, {"station": 2}, 1),
                (ROUTES, {"address": 0x0A010203}, 16),
                (ROUTES, {"address": 0x0A020203}, 8),
                (ROUTES, {"address": 0x0B020203}, 0),
                (RULES, {"address": 0x0A000000, "protocol": 6, "port": 443}, 30),
                (RULES, {"address": 0x0A000000, "protocol": 6, "port": 444}, None),
                (RULES, {"address": 0x0B000000, "protocol": 6, "port": 444}, 1),
                (SERVICES, {"address": 5, "protocol": 0}, 50),
                (SERVICES, {"address": 5, "protocol": 9}, 51),
            ]:
                equal(await asker.ask(table, **key), value, f"the answer for {key}")


@check
async def deleted_one_by_one(session):
    """What a read gives can be deleted and modified as it is."""
    async with session.switchboard() as controller:
        await controller.insert(entries())
        own = [
            one
            for one in await everything(controller, fy.P4TableEntry())
            if one.table_id not in ("classes", "bookmarks")
        ]
        await controller.modify(own)
        equal(ordered(await everything(controller, fy.P4TableEntry())), ordered(own), "modified")
        await controller.delete(own)
        equal(ordered(await everything(controller, fy.P4TableEntry())), [], "what is left")


@check
async def mixed_batch(session):
    """A batch can insert, modify and delete."""
    async with session.switchboard() as controller:
        await controller.insert([station(1), station(2), station(3)])
        await controller.write([-station(1), ~station(2, 22), +station(4)])
        found = await everything(controller, fy.P4TableEntry("stations"))
        equal(
            sorted((one["station"], one.action.args["value"]) for one in found),
            [(2, 22), (3, 3), (4, 4)],
            "the stations",
        )


@check
async def errors_by_update(session):
    """Finsy sees which updates failed, and why; the others are done."""
    async with session.switchboard() as controller:
        await controller.insert([station(1)])
        batch = [+station(1), +station(2), ~station(3), -station(4), +station(5)]
        await refused_updates(
            controller.write(batch), {0: "ALREADY_EXISTS", 2: "NOT_FOUND", 3: "NOT_FOUND"}
        )
        found = await everything(controller, fy.P4TableEntry("stations"))
        equal(sorted(one["station"] for one in found), [1, 2, 5], "the stations")
        # What is not there can be left alone, if one says so.
        await controller.delete([station(1), station(9)], strict=False)
        await controller.modify([station(9)], strict=False)
        found = await everything(controller, fy.P4TableEntry("stations"))
        equal(sorted(one["station"] for one in found), [2, 5], "the stations at the end")


@check
async def atomic_batches(session):
    """A batch that is all or nothing is undone if an update fails."""
    async with session.switchboard() as controller:
        await controller.insert([station(1)])
        for atomicity in ["ROLLBACK_ON_ERROR", "DATAPLANE_ATOMIC"]:
            updates = [
                one.encode_update(controller.p4info)
                for one in [+station(2), -station(1), +station(3), -station(4)]
            ]
            request = p4r.WriteRequest(
                device_id=1,
                updates=updates,
                atomicity=p4r.WriteRequest.Atomicity.Value(atomicity),
            )
            client = controller._p4client
            try:
                await client.request(request)
                code = "OK"
            except fy.P4ClientError as error:
                code = error.details[3].canonical_code.name
            equal(code, "NOT_FOUND", f"the outcome of the last update with {atomicity}")
            found = await everything(controller, fy.P4TableEntry("stations"))
            equal([one["station"] for one in found], [1], "the stations")
            del request.updates[3]
            await client.request(request)
            found = await everything(controller, fy.P4TableEntry("stations"))
            equal(sorted(one["station"] for one in found), [2, 3], "the stations when it is right")
            await controller.delete(found)
            await controller.insert([station(1)])


@check
async def default_actions(session):
    """A default action can be read, set and reset."""
    default = fy.P4TableEntry("stations", is_default_action=True)
    async with session.switchboard() as controller:
        async with Asker(controller) as asker:
            for action, value in [(answer(77), 77), (None, 1)]:
                await controller.modify(
                    [fy.P4TableEntry("stations", action=action, is_default_action=True)]
                )
                (found,) = await everything(controller, default)
                equal(found.action, answer(value), "the default action")
                equal(await asker.ask(STATIONS, station=5), value, "the answer")
            fixed = fy.P4TableEntry("fixed", action=answer(1), is_default_action=True)
            await refused_updates(controller.modify([fixed]), {0: "PERMISSION_DENIED"})


@check
async def constant_entries(session):
    """Constant entries are marked as such, and those of the program that can be changed are not."""
    async with session.switchboard() as controller:
        found = await everything(controller, fy.P4TableEntry("classes"))
        equal(sorted(one.priority for one in found), [1, 2, 3], "the priorities")
        equal({one.is_const for one in found}, {True}, "whether they are constant")
        found[0].is_const = False
        await refused_updates(controller.delete([found[0]]), {0: "PERMISSION_DENIED"})
        bookmarks = await everything(controller, fy.P4TableEntry("bookmarks"))
        equal({one.is_const for one in bookmarks}, {False}, "whether bookmarks are constant")
        equal(len(bookmarks), 2, "the number of bookmarks")
        await controller.delete(bookmarks)
        async with Asker(controller) as asker:
            equal(await asker.ask(BOOKMARKS, port=22), 0, "the answer without the bookmark")


@check
async def delete_all(session):
    """Finsy can clean the switch up: entries go, default actions are the program's again."""
    async with session.switchboard() as controller:
        await controller.insert(entries())
        await controller.modify(
            [fy.P4TableEntry("stations", action=answer(9), is_default_action=True)]
        )
        await controller.delete_all()
        equal(len(await everything(controller, fy.P4TableEntry())), 3, "the constant entries")
        async with Asker(controller) as asker:
            equal(await asker.ask(STATIONS, station=1), 1, "the answer")


@check
async def readers_at_once(session):
    """Many reads at once, while batches are written, each see a moment between two batches."""
    async with session.switchboard() as controller:
        halves = [[station(number) for number in range(low, low + 30)] for low in [100, 200]]
        await controller.insert(halves[0])

        async def write():
            for turn in range(20):
                updates = [
                    p4r.Update(type=p4r.Update.DELETE, entity=one.encode(controller.p4info))
                    for one in halves[turn % 2]
                ]
                updates += [
                    p4r.Update(type=p4r.Update.INSERT, entity=one.encode(controller.p4info))
                    for one in halves[1 - turn % 2]
                ]
                request = p4r.WriteRequest(
                    device_id=1, updates=updates, atomicity=p4r.WriteRequest.DATAPLANE_ATOMIC
                )
                await controller._p4client.request(request)

        async def read():
            seen = set()
            for _ in range(20):
                found = await everything(controller, fy.P4TableEntry("stations"))
                seen.add(tuple(sorted(one["station"] for one in found)))
            return seen

        results = await asyncio.gather(write(), read(), read(), read())
        allowed = {tuple(range(100, 130)), tuple(range(200, 230))}
        equal(set().union(*results[1:]) - allowed, set(), "what else was read")
