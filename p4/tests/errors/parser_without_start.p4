// A parser without the state start.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state begin { transition accept; }
}

INGRESS { apply {} }

#include "include/end.p4"
