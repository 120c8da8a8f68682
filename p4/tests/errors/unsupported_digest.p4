// Not supported: digest.
#include "parts/begin.p4"

INGRESS {
    apply {
        digest<pair_t>(1, m.pair);
    }
}

#include "parts/end.p4"
