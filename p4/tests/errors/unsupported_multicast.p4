// Not supported: multicast groups.
#include "parts/begin.p4"

INGRESS {
    apply {
        s.mcast_grp = 1;
    }
}

#include "parts/end.p4"
