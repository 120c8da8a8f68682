// Specification 1.2.5, "Keys" and P4Runtime: of several ternary entries that match the one with
// the larger priority wins, however many bits its mask has.
#include "parts/begin.p4"

header x_t { bit<16> a; bit<8> b; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bit<8> v) { h.x.result = v; }
    table t {
        key = {
            h.x.a : ternary;
            h.x.b : ternary;
        }
        actions = { set; NoAction; }
        default_action = NoAction();
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
