// A direct counter of two tables.
#include "parts/begin.p4"

INGRESS {
    direct_counter(CounterType.packets) c;
    table t {
        key = { h.x.a : exact; }
        actions = { NoAction; }
        counters = c;
    }
    table u {
        key = { h.x.a : exact; }
        actions = { NoAction; }
        counters = c;
    }
    apply {
        t.apply();
        u.apply();
    }
}

#include "parts/end.p4"
