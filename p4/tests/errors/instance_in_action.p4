// A register within an action.
#include "include/begin.p4"

INGRESS {
    action a() { register<bit<8>>(1) r; }
    apply {
        a();
    }
}

#include "include/end.p4"
