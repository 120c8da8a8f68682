// A result of apply that there is not.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    apply {
        if (t.apply().found) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
