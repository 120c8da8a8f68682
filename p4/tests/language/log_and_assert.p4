// v1model, log_msg, assert and assume: messages and conditions that hold change nothing.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        log_msg("begin");
        log_msg("a is {} and b is {}", { h.x.a, h.x.b });
        assert(h.x.isValid());
        assume(h.x.a != 0xff || h.x.b != 0xff);
        h.x.b = h.x.b + 1;
        log_msg("b is {}", { h.x.b });
    }
}

#include "parts/end.p4"
