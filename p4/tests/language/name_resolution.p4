// Specification 1.2.5, "Name resolution": names are looked up from the inside out; one with a dot
// before it is of the outermost scope.
#include "parts/begin.p4"

const bit<8> v = 0x10;

header x_t { bit<8> a; bit<8> outer; bit<8> inner; bit<8> in_action; bit<8> of_action; }
struct headers { x_t x; }
struct metadata {}

action set(out bit<8> to) { to = 0x77; }

INGRESS {
    const bit<8> v = .v + 1;
    action set(out bit<8> to) {
        .set(to);
        bit<8> v = 0x21;
        h.x.in_action = v;
    }
    apply {
        h.x.outer = .v;
        h.x.inner = v;
        set(h.x.of_action);
    }
}

#include "parts/end.p4"
