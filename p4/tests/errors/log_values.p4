// A message with fewer values than places for them.
#include "include/begin.p4"

INGRESS {
    apply {
        log_msg("{} and {}", { h.x.a });
    }
}

#include "include/end.p4"
