// A case with another number of sets than keys.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a, h.x.c) {
            (1, 2, 3): accept;
            default: reject;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
