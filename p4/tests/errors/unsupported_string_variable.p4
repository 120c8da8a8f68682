// Not supported: variables of type string.
#include "include/begin.p4"

INGRESS {
    apply {
        string text = "text";
    }
}

#include "include/end.p4"
