// Specification 1.2.5, "Method invocations and function calls" and "Calling convention": arguments
// by name in any order, and default values of parameters.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> by_name; bit<8> with_default; bit<8> all; }
struct headers { x_t x; }
struct metadata {}

bit<8> subtract(in bit<8> from, in bit<8> by = 2) {
    return from - by;
}

INGRESS {
    action put(in bit<8> v, out bit<8> to) { to = v; }
    apply {
        h.x.by_name = subtract(by = h.x.a, from = 0x10);
        h.x.with_default = subtract(h.x.a);
        h.x.all = subtract(from = h.x.a) + subtract(h.x.a, 1);
        put(to = h.x.a, v = h.x.a + 1);
    }
}

#include "parts/end.p4"
