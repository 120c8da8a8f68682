// A message with fewer values than places for them.
#include "parts/begin.p4"

INGRESS {
    apply {
        log_msg("{} and {}", { h.x.a });
    }
}

#include "parts/end.p4"
