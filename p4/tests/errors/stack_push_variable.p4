// push_front by a number that is not constant.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.stack.push_front(h.x.a);
    }
}

#include "parts/end.p4"
