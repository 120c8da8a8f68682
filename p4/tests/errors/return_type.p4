// A return of another type.
#include "include/begin.p4"

bit<8> f(in bit<16> a) { return a; }

INGRESS { apply {} }

#include "include/end.p4"
