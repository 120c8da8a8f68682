// The complement of a number without width.
#include "parts/begin.p4"

const bit<8> A = ~1;

INGRESS { apply {} }

#include "parts/end.p4"
