// A negative width.
#include "parts/begin.p4"

header z_t { bit<(1 - 2)> a; }

INGRESS { apply {} }

#include "parts/end.p4"
