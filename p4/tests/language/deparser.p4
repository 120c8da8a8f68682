// Specification 1.2.5, "Data insertion into packets": emit of headers, stacks and structs in any
// order, invalid ones left out, one header twice.
#define OWN_DEPARSER
#include "parts/begin.p4"

header x_t { bit<8> what; }
header e_t { bit<4> high; bit<4> low; }
struct inner_t { e_t first; e_t[2] stack; }
struct headers { x_t x; inner_t inner; e_t[3] stack; e_t last; }
struct metadata {}

INGRESS {
    apply {
        h.inner.first = { 1, 2 };
        h.inner.stack[1] = { 3, 4 };
        h.stack[0] = { 5, 6 };
        h.stack[2] = { 7, 8 };
        if (h.x.what != 0) { h.last = { 9, (bit<4>)h.x.what }; }
    }
}

DEPARSER {
    apply {
        p.emit(h.last);
        p.emit(h.stack);
        p.emit(h.inner);
        p.emit(h.x);
        p.emit(h.stack[2]);
    }
}

#include "parts/end.p4"
