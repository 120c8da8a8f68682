// Action data before a parameter with direction.
#include "include/begin.p4"

action a(bit<8> data, in bit<8> v) {}

INGRESS { apply {} }

#include "include/end.p4"
