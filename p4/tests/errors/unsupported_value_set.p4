// Not supported: parser value sets.
#define OWN_PARSER
#include "include/begin.p4"

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

#include "include/end.p4"
