// A range for a signed key, which targets compare as unsigned.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    table t {
        key = { h.x.i : range; }
        actions = { set; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
