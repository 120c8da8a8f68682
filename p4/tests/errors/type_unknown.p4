// A type that nothing declares.
#include "parts/begin.p4"

header z_t { byte_t a; }

INGRESS { apply {} }

#include "parts/end.p4"
