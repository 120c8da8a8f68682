// Not supported: clone.
#include "parts/begin.p4"

INGRESS {
    apply {
        clone(CloneType.I2E, 32w5);
    }
}

#include "parts/end.p4"
