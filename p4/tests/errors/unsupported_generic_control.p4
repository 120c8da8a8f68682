// Not supported: generic controls.
#include "include/begin.p4"

control C<T>(inout T v) { apply {} }

INGRESS { apply {} }

#include "include/end.p4"
