// An entry with an action that is not in the list.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        const entries = { 1 : none(); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
