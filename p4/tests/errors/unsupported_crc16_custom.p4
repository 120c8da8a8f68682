// Not supported: HashAlgorithm.crc16_custom.
#include "parts/begin.p4"

INGRESS {
    apply {
        hash(h.x.a, HashAlgorithm.crc16_custom, 8w0, { h.x.a }, 8w16);
    }
}

#include "parts/end.p4"
