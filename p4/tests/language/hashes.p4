// v1model, hash: base + H modulo max, for each algorithm, over all the fields of the list one
// after the other; with a max of zero, base.
#include "parts/begin.p4"

header x_t {
    bit<40> a;
    bit<32> b;
    bit<32> crc_32;
    bit<16> crc_16;
    bit<16> csum_16;
    bit<16> xor_16;
    bit<32> id;
    bit<8> bounded;
    bit<8> none;
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        hash(h.x.crc_32, HashAlgorithm.crc32, 32w0, { h.x.a, h.x.b }, 33w0x1_0000_0000);
        hash(h.x.crc_16, HashAlgorithm.crc16, 16w0, { h.x.a, h.x.b }, 32w0x10000);
        hash(h.x.csum_16, HashAlgorithm.csum16, 16w0, { h.x.a, h.x.b }, 32w0x10000);
        hash(h.x.xor_16, HashAlgorithm.xor16, 16w0, { h.x.a, h.x.b }, 32w0x10000);
        hash(h.x.id, HashAlgorithm.identity, 32w1, { h.x.b[15:8], h.x.b[31:16] }, 33w0x1_0000_0000);
        hash(h.x.bounded, HashAlgorithm.crc32, 8w0x40, { h.x.a, h.x.b }, 8w10);
        hash(h.x.none, HashAlgorithm.crc32, 8w0x55, { h.x.a, h.x.b }, 8w0);
    }
}

#include "parts/end.p4"
