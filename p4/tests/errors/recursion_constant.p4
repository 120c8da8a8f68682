// A constant that is its own value.
#include "parts/begin.p4"

const bit<8> A = A + 1;

INGRESS { apply {} }

#include "parts/end.p4"
