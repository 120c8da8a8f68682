// An error in a header.
#include "include/begin.p4"

header z_t { error e; }

INGRESS { apply {} }

#include "include/end.p4"
