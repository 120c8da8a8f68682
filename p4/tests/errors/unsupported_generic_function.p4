// Not supported: generic functions.
#include "include/begin.p4"

T identity<T>(in T v) { return v; }

INGRESS { apply {} }

#include "include/end.p4"
