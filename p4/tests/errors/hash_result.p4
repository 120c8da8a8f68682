// A hash into a header.
#include "parts/begin.p4"

INGRESS {
    apply {
        hash(h.y, HashAlgorithm.crc32, 32w0, { h.x.a }, 32w16);
    }
}

#include "parts/end.p4"
