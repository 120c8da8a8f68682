// setValid of an in parameter.
#include "parts/begin.p4"

INGRESS {
    action a(in x_t x) { x.setValid(); }
    apply {
        a(h.x);
    }
}

#include "parts/end.p4"
