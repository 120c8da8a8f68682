// Not supported: truncate.
#include "parts/begin.p4"

INGRESS {
    apply {
        truncate(32w64);
    }
}

#include "parts/end.p4"
