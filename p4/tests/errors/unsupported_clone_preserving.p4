// Not supported: clone_preserving_field_list.
#include "parts/begin.p4"

INGRESS {
    apply {
        clone_preserving_field_list(CloneType.I2E, 32w5, 8w1);
    }
}

#include "parts/end.p4"
