// A stack of structs.
#include "include/begin.p4"

struct s_t { pair_t[2] pairs; }

INGRESS { apply {} }

#include "include/end.p4"
