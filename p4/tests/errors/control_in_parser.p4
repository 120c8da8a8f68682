// A control that a parser instantiates.
#define OWN_PARSER
#include "parts/begin.p4"

control C(inout x_t x) { apply {} }

PARSER {
    C() c;
    state start {
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
