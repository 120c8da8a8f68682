// A modulo of a negative constant.
#include "parts/begin.p4"

const int A = -7 % 2;

INGRESS { apply {} }

#include "parts/end.p4"
