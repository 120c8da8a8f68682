// v1model, match kind optional: one value or any, the larger priority wins.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bit<8> v) { h.x.result = v; }
    table t {
        key = {
            h.x.a : optional;
            h.x.b : optional;
        }
        actions = { set; NoAction; }
        const default_action = NoAction();
        const entries = {
            (1, 2) : set(1);
            (1, _) : set(2);
            (_, 2) : set(3);
            (7, default) : set(4);
        }
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
