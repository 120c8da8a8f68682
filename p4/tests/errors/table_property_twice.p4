// A property that is given twice.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        size = 4;
        size = 8;
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
