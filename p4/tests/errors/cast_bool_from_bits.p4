// A cast of several bits to bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.flag = (bool)h.x.a;
    }
}

#include "parts/end.p4"
