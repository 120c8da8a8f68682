// An algorithm that there is not.
#include "parts/begin.p4"

INGRESS {
    apply {
        hash(h.x.a, HashAlgorithm.md5, 8w0, { h.x.a }, 8w16);
    }
}

#include "parts/end.p4"
