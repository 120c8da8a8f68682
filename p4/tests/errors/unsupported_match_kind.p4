// Not supported: match kinds of the program.
#include "include/begin.p4"

match_kind { fuzzy }

INGRESS { apply {} }

#include "include/end.p4"
