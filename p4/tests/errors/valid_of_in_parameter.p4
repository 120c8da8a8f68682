// setValid of an in parameter.
#include "include/begin.p4"

INGRESS {
    action a(in x_t x) { x.setValid(); }
    apply {
        a(h.x);
    }
}

#include "include/end.p4"
