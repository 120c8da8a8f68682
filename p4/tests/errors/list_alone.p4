// A list of which nobody knows the type.
#include "parts/begin.p4"

INGRESS {
    apply {
        if ({ 1, 2 } == { 1, 2 }) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
