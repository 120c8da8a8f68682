// A table in an expression.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    apply {
        h.x.a = t;
    }
}

#include "parts/end.p4"
