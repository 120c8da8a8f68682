// A variable of type void.
#include "parts/begin.p4"

INGRESS {
    apply {
        void v;
    }
}

#include "parts/end.p4"
