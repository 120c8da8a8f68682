// push_front by a negative number.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.stack.push_front(-1);
    }
}

#include "parts/end.p4"
