// A return with a value in an action.
#include "include/begin.p4"

INGRESS {
    action a() { return 1; }
    apply {
        a();
    }
}

#include "include/end.p4"
