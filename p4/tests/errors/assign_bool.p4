// An assignment of a number to a bool.
#include "include/begin.p4"

INGRESS {
    apply {
        m.flag = 1;
    }
}

#include "include/end.p4"
