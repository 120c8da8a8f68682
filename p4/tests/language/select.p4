// Specification 1.2.5, "Select expressions" and "Operations on sets": the first case that holds
// the value; values, masks, ranges (an empty one too), products, _ and default.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> result; }
struct headers { x_t x; }
struct metadata { bit<8> result; }

const bit<8> SEVEN = 7;

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a, h.x.b) {
            (0x01, 0x01): one;
            (0x01, _): two;
            (0x10 &&& 0xf0, 5 .. 9): three;
            (0x1a &&& 0x0f, 0xf0 &&& 0xf0): four;
            (9 .. 5, _): empty;
            (8w2 .. SEVEN, SEVEN): five;
            (_, 0): six;
            (0x80 &&& 0x80, default): seven;
            default: eight;
        }
    }
    state one { m.result = 1; transition accept; }
    state two { m.result = 2; transition accept; }
    state three { m.result = 3; transition accept; }
    state four { m.result = 4; transition accept; }
    state five { m.result = 5; transition accept; }
    state six { m.result = 6; transition accept; }
    state seven { m.result = 7; transition accept; }
    state eight { m.result = 8; transition accept; }
    state empty { m.result = 0xee; transition accept; }
}

INGRESS {
    apply { h.x.result = m.result; }
}

#include "parts/end.p4"
