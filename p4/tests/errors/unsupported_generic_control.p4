// Not supported: generic controls.
#include "parts/begin.p4"

control C<T>(inout T v) { apply {} }

INGRESS { apply {} }

#include "parts/end.p4"
