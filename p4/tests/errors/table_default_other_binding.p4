// A default action with another argument than in the list.
#include "parts/begin.p4"

INGRESS {
    action add(inout bit<8> v) { v = v + 1; }
    table t {
        key = { h.x.a : exact; }
        actions = { add(h.x.a); }
        default_action = add(h.x.c);
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
