// push_front by a negative number.
#include "include/begin.p4"

INGRESS {
    apply {
        h.stack.push_front(-1);
    }
}

#include "include/end.p4"
