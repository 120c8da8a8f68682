// A type that nothing declares.
#include "include/begin.p4"

header z_t { byte_t a; }

INGRESS { apply {} }

#include "include/end.p4"
