// Not supported: truncate.
#include "include/begin.p4"

INGRESS {
    apply {
        truncate(32w64);
    }
}

#include "include/end.p4"
