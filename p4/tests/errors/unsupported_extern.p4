// Not supported: externs of the program.
#include "include/begin.p4"

extern void encrypt(inout bit<8> v);

INGRESS { apply {} }

#include "include/end.p4"
