// Specification 1.2.5, "Compile-time size determination": of types and of values, also of what
// holds a varbit, in bits and in whole bytes.
#include "parts/begin.p4"

enum bit<4> Kind { one = 1 }
type bit<9> port_t;

header x_t {
    bit<8> header_bits;
    bit<8> least;
    bit<8> greatest;
    bit<8> odd_bits;
    bit<8> odd_bytes;
    bit<8> stack_bytes;
    bit<8> field;
    bit<8> of_type;
    bit<8> tuple_bits;
    bit<16> width;
}
header v_t { bit<8> size; varbit<35> data; }
header odd_t { Kind kind; bool flag; int<4> level; port_t port; }
struct headers { x_t x; v_t v; odd_t odd; odd_t[3] stack; }
struct metadata {}

const bit<(x_t.minSizeInBytes())> ELEVEN = 0x7ff;

INGRESS {
    apply {
        tuple<bit<3>, bool> t = { 1, true };
        h.x.header_bits = (bit<8>)h.x.minSizeInBits();
        h.x.least = (bit<8>)h.v.minSizeInBits();
        h.x.greatest = (bit<8>)h.v.maxSizeInBytes();
        h.x.odd_bits = (bit<8>)h.odd.minSizeInBits();
        h.x.odd_bytes = (bit<8>)h.odd.minSizeInBytes();
        h.x.stack_bytes = (bit<8>)h.stack.maxSizeInBytes();
        h.x.field = (bit<8>)h.odd.port.minSizeInBits();
        h.x.of_type = (bit<8>)odd_t.maxSizeInBits();
        h.x.tuple_bits = (bit<8>)t.minSizeInBits();
        h.x.width = (bit<16>)ELEVEN;
    }
}

#include "parts/end.p4"
