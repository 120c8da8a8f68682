// A checksum that is updated in ingress.
#include "parts/begin.p4"

INGRESS {
    apply {
        update_checksum(true, { h.x.a, h.x.c }, h.x.b, HashAlgorithm.csum16);
    }
}

#include "parts/end.p4"
