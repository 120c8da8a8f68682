// Not supported: meter.
#include "include/begin.p4"

INGRESS {
    meter(4, MeterType.bytes) meter_;
    apply {
        meter_.execute_meter((bit<32>)h.x.a, h.x.c);
    }
}

#include "include/end.p4"
