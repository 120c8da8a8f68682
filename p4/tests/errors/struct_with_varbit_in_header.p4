// A varbit within a struct within a header.
#include "parts/begin.p4"

struct s_t { varbit<8> a; }
header z_t { s_t s; }

INGRESS { apply {} }

#include "parts/end.p4"
