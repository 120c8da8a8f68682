// A variable of type string.
#include "parts/begin.p4"

INGRESS {
    apply {
        string text = "text";
    }
}

#include "parts/end.p4"
