// A stack of negative size.
#include "include/begin.p4"

struct s_t { y_t[1 - 3] y; }

INGRESS { apply {} }

#include "include/end.p4"
