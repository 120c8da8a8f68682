// A field without its semicolon.
#include "parts/begin.p4"

header z_t { bit<8> a bit<8> b; }

INGRESS { apply {} }

#include "parts/end.p4"
