// Not supported: generic functions.
#include "parts/begin.p4"

T identity<T>(in T v) { return v; }

INGRESS { apply {} }

#include "parts/end.p4"
