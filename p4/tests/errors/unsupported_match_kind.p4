// Not supported: match kinds of the program.
#include "parts/begin.p4"

match_kind { fuzzy }

INGRESS { apply {} }

#include "parts/end.p4"
