// Not supported: externs of the program.
#include "parts/begin.p4"

extern void encrypt(inout bit<8> v);

INGRESS { apply {} }

#include "parts/end.p4"
