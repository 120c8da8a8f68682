// Specification 1.2.5, "Parser declarations" and "Parser states": variables of a parser start anew
// for each packet, states may loop, assign, and decide with if.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> n; bit<8> sum; bit<8> odd; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[4] values; }
struct metadata { bit<8> sum; bit<8> odd; }

PARSER {
    bit<8> left;
    bit<8> sum = 0x40;
    const bit<8> ONE = 1;

    state start {
        p.extract(h.x);
        left = h.x.n;
        transition next;
    }
    state next {
        transition select(left) {
            0: done;
            _: value;
        }
    }
    state value {
        p.extract(h.values.next);
        bit<8> v = h.values.last.v;
        if (v[0:0] == 1) {
            m.odd = m.odd + 1;
        } else {
            sum = sum + v;
        }
        left = left - ONE;
        transition next;
    }
    state done {
        m.sum = sum;
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.sum = m.sum;
        h.x.odd = m.odd;
    }
}

#include "parts/end.p4"
