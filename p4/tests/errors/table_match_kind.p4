// A match kind that there is not.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : longest; }
        actions = { set; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
