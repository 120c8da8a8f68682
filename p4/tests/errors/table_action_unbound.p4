// A parameter with direction that is not bound.
#include "parts/begin.p4"

INGRESS {
    action add(inout bit<8> v) { v = v + 1; }
    table t {
        key = { h.x.a : exact; }
        actions = { add; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
