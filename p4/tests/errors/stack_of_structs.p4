// A stack of structs.
#include "parts/begin.p4"

struct s_t { pair_t[2] pairs; }

INGRESS { apply {} }

#include "parts/end.p4"
