// action_run outside of switch.
#include "include/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    apply {
        if (t.apply().action_run == set) { h.x.a = 1; }
    }
}

#include "include/end.p4"
