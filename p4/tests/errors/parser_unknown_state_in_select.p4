// A case to a state that there is not.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        transition select(h.x.a) {
            1: ethernet;
            default: accept;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
