// A parser without the state start.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state begin { transition accept; }
}

INGRESS { apply {} }

#include "parts/end.p4"
