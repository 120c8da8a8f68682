// The complement of a bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.flag = ~m.flag;
    }
}

#include "parts/end.p4"
