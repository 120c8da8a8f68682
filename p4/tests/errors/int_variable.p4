// A variable of type int.
#include "parts/begin.p4"

INGRESS {
    apply {
        int v = 1;
    }
}

#include "parts/end.p4"
