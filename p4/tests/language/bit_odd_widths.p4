// Specification 1.2.5, "Operations on fixed-width bit types" and "Fixed-width extraction": values
// of any width wrap around at their own, and fields need not begin at a byte.
#include "parts/begin.p4"

header x_t {
    bit<1> flag;
    bit<3> three;
    bit<13> thirteen;
    bit<7> seven;
    bit<48> mac;
    bit<9> port;
    bit<23> rest;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.flag = h.x.flag + 1;
        h.x.three = h.x.three + 1;
        h.x.thirteen = h.x.thirteen * h.x.thirteen;
        h.x.seven = h.x.seven - 1;
        h.x.mac = h.x.mac + 1;
        h.x.port = ~h.x.port;
        h.x.rest = -h.x.rest;
    }
}

#include "parts/end.p4"
