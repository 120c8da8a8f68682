// v1model, mark_to_drop: a packet is dropped if its egress_spec is 511 when ingress ends; a port
// that is assigned afterwards sends it.
#define OWN_EGRESS
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> egress_ran; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action drop() { mark_to_drop(s); }
    apply {
        s.egress_spec = 3;
        if (h.x.what == 1) {
            drop();
        } else if (h.x.what == 2) {
            mark_to_drop(s);
            s.egress_spec = 2;
        } else if (h.x.what == 3) {
            s.egress_spec = 511;
        } else if (h.x.what == 4) {
            drop();
            exit;
        } else if (h.x.what == 5) {
            drop();
            if (s.egress_spec == 511) { s.egress_spec = 5; }
        }
    }
}

EGRESS {
    apply { h.x.egress_ran = 1; }
}

#include "parts/end.p4"
