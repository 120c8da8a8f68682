// Not supported: a key of the type Color, which has no underlying type.
#include "parts/begin.p4"

INGRESS {
    table t {
        key = { m.color : exact; }
        actions = { NoAction; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
