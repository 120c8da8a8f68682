// A constant that calls a function.
#include "parts/begin.p4"

bit<8> f() { return 1; }
const bit<8> A = f();

INGRESS { apply {} }

#include "parts/end.p4"
