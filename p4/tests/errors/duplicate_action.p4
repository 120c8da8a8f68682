// Two actions of one name.
#include "parts/begin.p4"

INGRESS {
    action a() {}
    action a() { h.x.a = 1; }
    apply {

    }
}

#include "parts/end.p4"
