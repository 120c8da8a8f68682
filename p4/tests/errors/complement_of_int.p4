// The complement of a number without width.
#include "include/begin.p4"

const bit<8> A = ~1;

INGRESS { apply {} }

#include "include/end.p4"
