// Not supported: recirculate_preserving_field_list.
#include "parts/begin.p4"

INGRESS {
    apply {
        recirculate_preserving_field_list(8w0);
    }
}

#include "parts/end.p4"
