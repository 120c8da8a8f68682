// The complement of a bool.
#include "include/begin.p4"

INGRESS {
    apply {
        m.flag = ~m.flag;
    }
}

#include "include/end.p4"
