// A stack within a header.
#include "include/begin.p4"

header z_t { bit<8> a; y_t[2] y; }

INGRESS { apply {} }

#include "include/end.p4"
