// A checksum into what is no place.
#define OWN_UPDATE
#include "parts/begin.p4"

INGRESS { apply {} }

UPDATE {
    apply {
        update_checksum(true, { h.x.a, h.x.c }, 16w0, HashAlgorithm.csum16);
    }
}

#include "parts/end.p4"
