// A value that is there twice.
#include "parts/begin.p4"

INGRESS {
    apply {
        switch (h.x.a) {
            1: { h.x.a = 1; }
            8w1: { h.x.a = 2; }
        }
    }
}

#include "parts/end.p4"
