"""Messages built by the names in the P4Info that the shell has, with any bytes that one likes."""

import p4runtime_sh.shell as sh
from p4.v1 import p4runtime_pb2 as p4r

# The ids that no P4Info has.
NO_TABLE = 0x02FFFFFF
NO_ACTION = 0x01FFFFFF
NO_COUNTER = 0x12FFFFFF
NO_REGISTER = 0x16FFFFFF
NO_FIELD = 99


def raw(value):
    """The canonical byte string of a number; bytes as they are."""
    if isinstance(value, bytes):
        return value
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def table_id(name):
    """The id of a table."""
    return sh.context.get_table_id(name)


def action_id(name):
    """The id of an action."""
    return sh.context.get_action_id(name)


def counter_id(name):
    """The id of a counter array."""
    return sh.context.get_counter_id(name)


def field_id(table, name):
    """The id of a key; numbers as they are."""
    return name if isinstance(name, int) else sh.context.get_mf_id(table, name)


def register_id(name):
    """The id of a register, for which the shell has no name."""
    registers = sh.context.p4info.registers
    return next(one.preamble.id for one in registers if one.preamble.alias == name)


def exact(value):
    """An exact match."""
    return {"exact": p4r.FieldMatch.Exact(value=raw(value))}


def lpm(value, prefix_len):
    """A match by prefix."""
    return {"lpm": p4r.FieldMatch.LPM(value=raw(value), prefix_len=prefix_len)}


def ternary(value, mask):
    """A match under a mask."""
    return {"ternary": p4r.FieldMatch.Ternary(value=raw(value), mask=raw(mask))}


def between(low, high):
    """A match of a range."""
    return {"range": p4r.FieldMatch.Range(low=raw(low), high=raw(high))}


def optional(value):
    """A match of a value that need not be given."""
    return {"optional": p4r.FieldMatch.Optional(value=raw(value))}


def action(name, *values, **by_name):
    """An action. Values are those of its first parameters; names can be ids."""
    number = name if isinstance(name, int) else action_id(name)
    params = [(index, value) for index, value in enumerate(values, start=1)]
    params += [(sh.context.get_param_id(name, key), value) for key, value in by_name.items()]
    message = p4r.Action(action_id=number)
    for param_id, value in params:
        message.params.add(param_id=param_id, value=raw(value))
    return p4r.TableAction(action=message)


def entry(table, match=None, act=None, **fields):
    """A table entry. `match` is from key names to matches."""
    number = table if isinstance(table, int) else table_id(table)
    message = p4r.TableEntry(table_id=number, action=act, **fields)
    for name, parts in (match or {}).items():
        message.match.add(field_id=field_id(table, name), **parts)
    return p4r.Entity(table_entry=message)


def insert(entity):
    """An update."""
    return p4r.Update(type=p4r.Update.INSERT, entity=entity)


def modify(entity):
    """An update."""
    return p4r.Update(type=p4r.Update.MODIFY, entity=entity)


def delete(entity):
    """An update."""
    return p4r.Update(type=p4r.Update.DELETE, entity=entity)
