// v1model, match kind range: from the lower to the upper bound, both included; of several entries
// that match the one with the larger priority wins.
#include "parts/begin.p4"

header x_t { bit<16> port; bit<8> proto; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bit<8> v) { h.x.result = v; }
    table t {
        key = {
            h.x.proto : exact;
            h.x.port : range;
        }
        actions = { set; NoAction; }
        default_action = NoAction();
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
