// An error in a header.
#include "parts/begin.p4"

header z_t { error e; }

INGRESS { apply {} }

#include "parts/end.p4"
