// A type where a value should be.
#include "parts/begin.p4"

const bit<8> A = x_t;

INGRESS { apply {} }

#include "parts/end.p4"
