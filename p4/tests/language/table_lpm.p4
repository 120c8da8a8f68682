// Specification 1.2.5, "Keys": the longest prefix wins, whatever the order of entries; a prefix of
// length zero matches all.
#include "parts/begin.p4"

header x_t { bit<32> address; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bit<8> v) { h.x.result = v; }
    table t {
        key = { h.x.address : lpm; }
        actions = { set; NoAction; }
        default_action = NoAction();
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
