// Specification 1.2.5, "Initializing with default values": ... gives zero, false, the first
// member, an invalid header; in a list it gives what is left out, and the header is valid.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> sum; bool b; bool c; bit<6> pad; }
header y_t { bit<8> v; bit<8> w; }
enum Color { red, green }
struct inner_t { bit<8> n; bool b; }
struct outer_t { inner_t inner; Color color; y_t y; }
struct headers { x_t x; y_t y; y_t z; }
struct metadata {}

INGRESS {
    apply {
        outer_t o = ...;
        if (o.inner.n == 0 && !o.inner.b && o.color == Color.red) { h.x.b = true; }
        h.x.c = o.y.isValid();
        inner_t i = { h.x.a, ... };
        inner_t j = { b = true, ... };
        h.x.sum = i.n + j.n;
        h.y = ...;
        h.z = { w = 5, ... };
    }
}

#include "parts/end.p4"
