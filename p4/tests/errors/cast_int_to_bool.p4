// A cast of 2 to bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.flag = (bool)2;
    }
}

#include "parts/end.p4"
