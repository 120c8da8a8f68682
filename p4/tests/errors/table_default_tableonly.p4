// A default action that is only for entries.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { @tableonly set; }
        default_action = set(1);
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
