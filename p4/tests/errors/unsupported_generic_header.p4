// Not supported: generic headers.
#include "include/begin.p4"

header box_t<T> { T content; }

INGRESS { apply {} }

#include "include/end.p4"
