// Not supported: direct_meter.
#include "include/begin.p4"

INGRESS {
    direct_meter<bit<8>>(MeterType.bytes) colors;
    apply {

    }
}

#include "include/end.p4"
