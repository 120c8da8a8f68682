// Not supported: HashAlgorithm.random.
#include "parts/begin.p4"

INGRESS {
    apply {
        hash(h.x.a, HashAlgorithm.random, 8w0, { h.x.a }, 8w16);
    }
}

#include "parts/end.p4"
