// v1model, update_checksum: where the condition holds the field gets the checksum of the data as
// the packet leaves.
#define OWN_UPDATE
#include "parts/begin.p4"

header x_t {
    bit<8> update;
    bit<4> high;
    bit<12> low;
    bit<8> last;
    bit<16> sum;
    bit<32> crc;
    bit<16> twice;
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply { h.x.last = h.x.last + 1; }
}

UPDATE {
    apply {
        update_checksum(h.x.isValid() && h.x.update != 0,
                        { h.x.update, h.x.high, h.x.low, h.x.last },
                        h.x.sum, HashAlgorithm.csum16);
        update_checksum(h.x.update == 2, { h.x.high, h.x.low, h.x.last, h.x.sum },
                        h.x.crc, HashAlgorithm.crc32);
        update_checksum(true, { h.x.high, h.x.low, 16w0xffff }, h.x.twice, HashAlgorithm.xor16);
    }
}

#include "parts/end.p4"
