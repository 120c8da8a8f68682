// A header within a header.
#include "include/begin.p4"

header z_t { bit<8> a; y_t y; }

INGRESS { apply {} }

#include "include/end.p4"
