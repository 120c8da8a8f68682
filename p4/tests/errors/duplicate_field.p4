// Two fields of one name.
#include "parts/begin.p4"

header z_t { bit<8> a; bit<8> a; }

INGRESS { apply {} }

#include "parts/end.p4"
