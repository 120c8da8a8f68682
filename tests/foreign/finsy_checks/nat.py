"""The program `nat.p4` with thousands of rows."""

import finsy as fy
from checks import Checks, equal

from finsy_checks.session import everything, refused_updates

check = Checks("nat.p4")

BATCH = 256


def rows(family, table, act, count):
    """Rows of a NAT table, four port ranges for each address."""
    base = 0xC0000200 if family == 4 else 0x20010DB8 << 96
    for number in range(count):
        address, part = divmod(number, 4)
        yield fy.P4TableEntry(
            table,
            match=fy.Match(
                dst_addr=base + address, l4_dst_port=(part * 0x4000, part * 0x4000 + 0x3FFF)
            ),
            action=fy.Action(
                act, target=(0xFD00 << 112) + number, inner_mac=0xA84025FF0000 + number, vni=100
            ),
            priority=1,
        )


@check
async def everything_of_nat(session):
    """Tables filled to their size are read as they were written, and take no more."""
    async with session.controller(session.programs.nat) as controller:
        written = []
        for family in [4, 6]:
            table = f"ingress_ipv{family}"
            size = controller.p4info.tables[table].size
            *fitting, one_more = rows(family, table, f"forward_ipv{family}_to", size + 1)
            for start in range(0, size, BATCH):
                await controller.insert(fitting[start : start + BATCH])
            await refused_updates(controller.insert([one_more]), {0: "RESOURCE_EXHAUSTED"})
            written += fitting
        found = await everything(controller, fy.P4TableEntry())
        equal(len(found), len(written), "the number of rows")
        # As finsy writes them.
        info = controller.p4info
        equal(
            sorted(one.encode(info).SerializeToString(deterministic=True) for one in found),
            sorted(one.encode(info).SerializeToString(deterministic=True) for one in written),
            "the rows",
        )
        counted = await everything(controller, fy.P4TableEntry(counter_data=fy.P4CounterData()))
        uncounted = [one for one in counted if one.counter_data != fy.P4CounterData()]
        equal(uncounted, [], "rows that are read without counters")
        await controller.delete_many([fy.P4TableEntry()])
        equal(await everything(controller, fy.P4TableEntry()), [], "what is left")
