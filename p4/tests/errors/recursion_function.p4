// A function that calls itself.
#include "parts/begin.p4"

bit<8> f(in bit<8> n) {
    if (n == 0) { return 0; }
    return f(n - 1);
}

INGRESS { apply {} }

#include "parts/end.p4"
