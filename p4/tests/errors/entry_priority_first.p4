// Priorities, but not of the first entry.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : ternary; }
        actions = { set; }
        entries = {
            1 : set(1);
            priority = 10 : 2 : set(2);
        }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
