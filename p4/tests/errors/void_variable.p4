// A variable of type void.
#include "include/begin.p4"

INGRESS {
    apply {
        void v;
    }
}

#include "include/end.p4"
