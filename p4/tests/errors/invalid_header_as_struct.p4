// {#} where no header is.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = {#};
    }
}

#include "parts/end.p4"
