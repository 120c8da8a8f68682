// Not supported: digest.
#include "include/begin.p4"

INGRESS {
    apply {
        digest<pair_t>(1, m.pair);
    }
}

#include "include/end.p4"
