// A function that may end without a value.
#include "parts/begin.p4"

bit<8> f(in bit<8> a) {
    if (a == 1) { return 1; }
}

INGRESS { apply {} }

#include "parts/end.p4"
