// Not supported: direct_meter.
#include "parts/begin.p4"

INGRESS {
    direct_meter<bit<8>>(MeterType.bytes) colors;
    apply {

    }
}

#include "parts/end.p4"
