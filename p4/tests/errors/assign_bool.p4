// An assignment of a number to a bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.flag = 1;
    }
}

#include "parts/end.p4"
