// push_front by a number that is not constant.
#include "include/begin.p4"

INGRESS {
    apply {
        h.stack.push_front(h.x.a);
    }
}

#include "include/end.p4"
