// A string that does not end.
#include "include/begin.p4"

INGRESS {
    apply {
        log_msg("never);
    }
}
