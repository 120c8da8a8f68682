// A variable of type int.
#include "include/begin.p4"

INGRESS {
    apply {
        int v = 1;
    }
}

#include "include/end.p4"
