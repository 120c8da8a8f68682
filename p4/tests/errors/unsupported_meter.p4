// Not supported: meter.
#include "parts/begin.p4"

INGRESS {
    meter(4, MeterType.bytes) meter_;
    apply {
        meter_.execute_meter((bit<32>)h.x.a, h.x.c);
    }
}

#include "parts/end.p4"
