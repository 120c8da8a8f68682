// A string that does not end on its line.
#include "include/begin.p4"

INGRESS {
    apply {
        log_msg("never);
    }
}

#include "include/end.p4"
