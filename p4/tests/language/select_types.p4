// Specification 1.2.5, "Select expressions": of bool, signed numbers and serializable enums, whose
// values without a name only default holds.
#define OWN_PARSER
#include "parts/begin.p4"

enum bit<8> Kind { one = 1, two = 2, five = 5 }

header x_t { Kind kind; int<8> level; bit<8> result; }
struct headers { x_t x; }
struct metadata { bit<8> result; }

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.kind) {
            Kind.one: levels;
            Kind.two .. Kind.five: in_range;
            default: boolean;
        }
    }
    state levels {
        transition select(h.x.level) {
            -1: minus_one;
            -100 .. 100: middle;
            _: far;
        }
    }
    state boolean {
        transition select(h.x.level == 0, h.x.level < 0) {
            (true, false): zero;
            (_, true): negative;
            (false, false): accept;
        }
    }
    state in_range { m.result = 9; transition accept; }
    state minus_one { m.result = 1; transition accept; }
    state middle { m.result = 2; transition accept; }
    state far { m.result = 3; transition accept; }
    state zero { m.result = 4; transition accept; }
    state negative { m.result = 5; transition accept; }
}

INGRESS {
    apply { h.x.result = m.result; }
}

#include "parts/end.p4"
