// Two parameters of one name.
#include "parts/begin.p4"

bit<8> f(in bit<8> a, in bit<8> a) { return a; }

INGRESS { apply {} }

#include "parts/end.p4"
