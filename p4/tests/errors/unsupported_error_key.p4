// Not supported: a key of type error.
#include "parts/begin.p4"

INGRESS {
    table t {
        key = { s.parser_error : exact; }
        actions = { NoAction; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
