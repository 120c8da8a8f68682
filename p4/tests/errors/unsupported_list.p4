// Not supported: list types.
#include "parts/begin.p4"

const list<pair_t> PAIRS = { { 1, 2 }, { 3, 4 } };

INGRESS { apply {} }

#include "parts/end.p4"
