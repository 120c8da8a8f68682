// A slice whose bounds are not constant.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.x.b[h.x.a:0];
    }
}

#include "parts/end.p4"
