// Specification 1.2.5, "Deparsing", and v1model: what the parser did not extract follows what the
// deparser emits, unchanged.
#include "parts/begin.p4"

header x_t { bit<8> remove; bit<8> add; }
header y_t { bit<24> v; }
struct headers { y_t before; x_t x; y_t behind; }
struct metadata {}

INGRESS {
    apply {
        if (h.x.add[0:0] == 1) { h.before = { 0x111111 }; }
        if (h.x.add[1:1] == 1) { h.behind = { 0x222222 }; }
        if (h.x.remove == 1) { h.x.setInvalid(); }
    }
}

#include "parts/end.p4"
