// Specification 1.2.5, "Restrictions on top-level instantiations" and "Actions": externs may be
// instantiated outside of controls and are shared; actions declared there are used in tables.
#define OWN_EGRESS
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> sum; bit<8> set; }
struct headers { x_t x; }
struct metadata {}

register<bit<8>>(1) total;
counter(2, CounterType.packets) seen;

action add(inout bit<8> sum, in bit<8> v) {
    total.read(sum, 0);
    sum = sum + v;
    total.write(0, sum);
}

action set(out bit<8> to, bit<8> v) { to = v; }

INGRESS {
    table t {
        key = { h.x.a : exact; }
        actions = { set(h.x.set); NoAction; }
        default_action = NoAction;
        entries = { 3 : set(h.x.set, 0x33); }
    }
    apply {
        add(h.x.sum, h.x.a);
        t.apply();
        seen.count(0);
    }
}

EGRESS {
    apply {
        add(h.x.sum, 0x10);
        seen.count(1);
        seen.count(1);
    }
}

#include "parts/end.p4"
