// Not supported: resubmit_preserving_field_list.
#include "include/begin.p4"

INGRESS {
    apply {
        resubmit_preserving_field_list(8w0);
    }
}

#include "include/end.p4"
