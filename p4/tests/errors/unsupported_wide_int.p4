// Not supported: int wider than 128.
#include "parts/begin.p4"

struct z_t { int<256> a; }

INGRESS { apply {} }

#include "parts/end.p4"
