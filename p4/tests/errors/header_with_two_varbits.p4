// Two varbits in a header.
#include "parts/begin.p4"

header z_t { varbit<8> a; varbit<8> b; }

INGRESS { apply {} }

#include "parts/end.p4"
