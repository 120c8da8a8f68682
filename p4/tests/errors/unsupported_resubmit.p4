// Not supported: resubmit_preserving_field_list.
#include "parts/begin.p4"

INGRESS {
    apply {
        resubmit_preserving_field_list(8w0);
    }
}

#include "parts/end.p4"
