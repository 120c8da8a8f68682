// A default action with a value of the packet as its data.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        default_action = set(h.x.c);
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
