// A label that is not constant.
#include "parts/begin.p4"

INGRESS {
    apply {
        switch (h.x.a) {
            h.x.c: { h.x.a = 1; }
        }
    }
}

#include "parts/end.p4"
