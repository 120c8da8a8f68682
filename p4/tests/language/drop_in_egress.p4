// v1model: mark_to_drop in egress drops; another egress_spec assigned after it does not, and does
// not change the port either; in the beginning of egress it is not that of ingress any more.
#define OWN_EGRESS
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> port; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply { s.egress_spec = (bit<9>)h.x.port; }
}

EGRESS {
    apply {
        if (s.egress_port == (bit<9>)h.x.port) { h.x.result = 1; }
        if (h.x.what == 1) { mark_to_drop(s); }
        if (h.x.what == 2) {
            mark_to_drop(s);
            s.egress_spec = 7;
        }
        if (h.x.what == 3) { s.egress_spec = 8; }
    }
}

#include "parts/end.p4"
