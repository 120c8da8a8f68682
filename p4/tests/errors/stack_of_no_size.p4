// A stack of negative size.
#include "parts/begin.p4"

struct s_t { y_t[1 - 3] y; }

INGRESS { apply {} }

#include "parts/end.p4"
