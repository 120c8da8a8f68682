// A negative width.
#include "include/begin.p4"

header z_t { bit<(1 - 2)> a; }

INGRESS { apply {} }

#include "include/end.p4"
