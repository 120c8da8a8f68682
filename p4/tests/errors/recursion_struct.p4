// A struct that holds itself.
#include "include/begin.p4"

struct loop_t { bit<8> a; loop_t next; }

INGRESS { apply {} }

#include "include/end.p4"
