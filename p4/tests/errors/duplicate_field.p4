// Two fields of one name.
#include "include/begin.p4"

header z_t { bit<8> a; bit<8> a; }

INGRESS { apply {} }

#include "include/end.p4"
