// A list of which nobody knows the type.
#include "include/begin.p4"

INGRESS {
    apply {
        if ({ 1, 2 } == { 1, 2 }) { h.x.a = 1; }
    }
}

#include "include/end.p4"
