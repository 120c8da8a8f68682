// An error that nothing declares.
#include "include/begin.p4"

INGRESS {
    apply {
        if (s.parser_error == error.Nothing) { h.x.a = 1; }
    }
}

#include "include/end.p4"
