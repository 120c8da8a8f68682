// An error that nothing declares.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (s.parser_error == error.Nothing) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
