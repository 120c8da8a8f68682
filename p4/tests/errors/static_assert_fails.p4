// A condition that the program itself asks for.
#include "parts/begin.p4"

const bool OK = static_assert(1 + 1 == 3, "sums are right");

INGRESS { apply {} }

#include "parts/end.p4"
