// A mask for a bool.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a == 1) {
            true &&& true: accept;
            default: reject;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
