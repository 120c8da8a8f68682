// A return of another type.
#include "parts/begin.p4"

bit<8> f(in bit<16> a) { return a; }

INGRESS { apply {} }

#include "parts/end.p4"
