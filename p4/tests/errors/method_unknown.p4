// A method that headers do not have.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.setVallid();
    }
}

#include "include/end.p4"
