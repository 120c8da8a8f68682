// A struct that holds itself.
#include "parts/begin.p4"

struct loop_t { bit<8> a; loop_t next; }

INGRESS { apply {} }

#include "parts/end.p4"
