// Specification 1.2.5, "Operations on error types" and "The error type": errors of several
// declarations are of one namespace, and are compared.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> which;
    bool none;
    bit<7> pad;
}

error { First }
error { Second }

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        error e = error.NoError;
        if (h.x.a == 1) { e = error.First; }
        if (h.x.a == 2) { e = error.Second; }
        if (h.x.a == 3) { e = error.PacketTooShort; }
        h.x.none = e == error.NoError;
        if (e == error.First) { h.x.which = 0x11; }
        if (e == error.Second) { h.x.which = 0x22; }
        if (e != error.First && e != error.Second) { h.x.which = 0x33; }
    }
}

#include "parts/end.p4"
