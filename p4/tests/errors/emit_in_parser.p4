// emit in a parser, whose packet has no such method.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.emit(h.x);
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
