"""The program `nat.p4` with all the rows that its tables take."""

import p4runtime_sh.shell as sh
from checks import Checks, equal
from p4.v1 import p4runtime_pb2 as p4r

from shell_checks.messages import action, between, delete, entry, exact, insert

check = Checks("nat.p4")

# How many updates are in a batch.
BATCH = 250


def sizes():
    """How many rows each table that can be filled takes."""
    return {table.preamble.name: table.size for table in sh.context.p4info.tables}


def rows_of_nat(table, act, count):
    """Rows of a NAT table, four port ranges for each address."""
    for number in range(count):
        address, part = divmod(number, 4)
        keys = {
            "dst_addr": exact(0xC0000200 + address),
            "l4_dst_port": between(part * 0x4000, part * 0x4000 + 0x3FFF),
        }
        target = action(act, 0xFD00 << 112 | number, 0xA84025FF0000 + number, 100)
        yield entry(table, keys, target, priority=1)


NAT = {
    "Ingress.nat_ingress.ingress_ipv4": "forward_ipv4_to",
    "Ingress.nat_ingress.ingress_ipv6": "forward_ipv6_to",
}


def write(session, entities, update):
    """Writes all in batches, and gives the codes."""
    codes = []
    for start in range(0, len(entities), BATCH):
        batch = [update(entity) for entity in entities[start : start + BATCH]]
        codes += [one.code for one in session.raw.write(batch)]
    return codes


@check
def everything(session):
    """Tables filled to their size are read as they were written, and take no more."""
    session.connect(session.programs.nat)
    written = []
    for table, act in NAT.items():
        size = sizes()[table]
        rows = list(rows_of_nat(table, act, size + 1))
        codes = write(session, rows[:-1], insert)
        equal(codes, ["OK"] * size, f"what became of {size} rows of {table}")
        (outcome,) = session.raw.write([insert(rows[-1])])
        equal(outcome.code, "RESOURCE_EXHAUSTED", f"one row more in {table}")
        written += rows[:-1]
    found = session.raw.read(entry(0))
    equal(len(found), len(written), "the number of rows of all tables")
    equal(sorted(map(canonical, found)), sorted(map(canonical, written)), "the rows")
    with_counters = session.raw.read(
        entry(list(NAT)[0], counter_data=p4r.CounterData()),
        p4r.Entity(counter_entry=p4r.CounterEntry()),
    )
    counters = sum(counter.size for counter in sh.context.p4info.counters)
    equal(len(with_counters), sizes()[list(NAT)[0]] + counters, "rows and counters in one read")
    equal(write(session, written, delete), ["OK"] * len(written), "what became of the deletes")
    equal(session.raw.read(entry(0)), [], "what is left")


def canonical(entity):
    """An entity as bytes that can be compared."""
    return entity.SerializeToString(deterministic=True)


@check
def shell_on_nat(session):
    """The shell reads and writes a row by names."""
    session.connect(session.programs.nat)
    row = sh.TableEntry("ingress_ipv4")(action="forward_ipv4_to", priority=1)
    row.match.set(dst_addr="192.0.2.1", l4_dst_port="80..443")
    row.action.set(target="fd00::1", inner_mac="a8:40:25:ff:00:01", vni="100")
    row.insert()
    (found,) = sh.TableEntry("ingress_ipv4").read()
    equal(found.msg(), row.msg(), "the row")
    row.delete()
    equal(list(sh.TableEntry("ingress_ipv4").read()), [], "the rows at the end")
