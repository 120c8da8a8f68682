// Two actions of one name.
#include "include/begin.p4"

INGRESS {
    action a() {}
    action a() { h.x.a = 1; }
    apply {

    }
}

#include "include/end.p4"
