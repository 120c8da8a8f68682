// Not supported: generic headers.
#include "parts/begin.p4"

header box_t<T> { T content; }

INGRESS { apply {} }

#include "parts/end.p4"
