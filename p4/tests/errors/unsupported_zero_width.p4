// Not supported: bit<0>.
#include "parts/begin.p4"

struct z_t { bit<0> a; }

INGRESS { apply {} }

#include "parts/end.p4"
