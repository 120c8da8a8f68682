// Not supported: bit<0>.
#include "include/begin.p4"

struct z_t { bit<0> a; }

INGRESS { apply {} }

#include "include/end.p4"
