// A string that does not end.
#include "parts/begin.p4"

INGRESS {
    apply {
        log_msg("never);
    }
}
