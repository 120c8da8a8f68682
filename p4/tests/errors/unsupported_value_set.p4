// Not supported: parser value sets.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    value_set<bit<8>>(4) ports;
    state start {
        p.extract(h.x);
        transition select(h.x.a) {
            ports: accept;
            default: reject;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
