// A stack within a header.
#include "parts/begin.p4"

header z_t { bit<8> a; y_t[2] y; }

INGRESS { apply {} }

#include "parts/end.p4"
