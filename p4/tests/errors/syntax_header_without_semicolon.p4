// A field without its semicolon.
#include "include/begin.p4"

header z_t { bit<8> a bit<8> b; }

INGRESS { apply {} }

#include "include/end.p4"
