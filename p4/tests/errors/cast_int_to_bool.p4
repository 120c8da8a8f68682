// A cast of 2 to bool.
#include "include/begin.p4"

INGRESS {
    apply {
        m.flag = (bool)2;
    }
}

#include "include/end.p4"
