// Two elements with prefixes.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : lpm; h.x.b : lpm; }
        actions = { set; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
