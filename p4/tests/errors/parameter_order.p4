// Action data before a parameter with direction.
#include "parts/begin.p4"

action a(bit<8> data, in bit<8> v) {}

INGRESS { apply {} }

#include "parts/end.p4"
