// A default action that is not in the list.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        default_action = none();
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
