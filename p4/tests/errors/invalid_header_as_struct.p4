// {#} where no header is.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = {#};
    }
}

#include "include/end.p4"
