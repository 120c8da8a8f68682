// Not supported: clone.
#include "include/begin.p4"

INGRESS {
    apply {
        clone(CloneType.I2E, 32w5);
    }
}

#include "include/end.p4"
