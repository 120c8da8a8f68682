// A method that headers do not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.setVallid();
    }
}

#include "parts/end.p4"
