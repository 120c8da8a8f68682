// A control without apply.
#include "parts/begin.p4"

control C(inout x_t x) {
    action a() {}
}

INGRESS { apply {} }

#include "parts/end.p4"
