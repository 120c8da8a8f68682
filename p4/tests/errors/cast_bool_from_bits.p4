// A cast of several bits to bool.
#include "include/begin.p4"

INGRESS {
    apply {
        m.flag = (bool)h.x.a;
    }
}

#include "include/end.p4"
