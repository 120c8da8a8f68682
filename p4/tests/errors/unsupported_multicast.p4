// Not supported: multicast groups.
#include "include/begin.p4"

INGRESS {
    apply {
        s.mcast_grp = 1;
    }
}

#include "include/end.p4"
