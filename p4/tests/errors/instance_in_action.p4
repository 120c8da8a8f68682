// A register within an action.
#include "parts/begin.p4"

INGRESS {
    action a() { register<bit<8>>(1) r; }
    apply {
        a();
    }
}

#include "parts/end.p4"
