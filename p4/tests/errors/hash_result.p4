// A hash into a header.
#include "include/begin.p4"

INGRESS {
    apply {
        hash(h.y, HashAlgorithm.crc32, 32w0, { h.x.a }, 32w16);
    }
}

#include "include/end.p4"
