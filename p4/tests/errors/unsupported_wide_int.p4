// Not supported: int wider than 128.
#include "include/begin.p4"

struct z_t { int<256> a; }

INGRESS { apply {} }

#include "include/end.p4"
