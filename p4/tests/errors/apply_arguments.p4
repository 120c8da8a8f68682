// An argument for the apply of a table.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    apply {
        t.apply(h.x);
    }
}

#include "parts/end.p4"
