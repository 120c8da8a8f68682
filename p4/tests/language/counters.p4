// v1model, counter: packets, bytes, or both, of the packet as it came in; an index beyond the size
// counts nothing.
#include "parts/begin.p4"

header x_t { bit<8> index; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    counter(4, CounterType.packets) packets;
    counter(4, CounterType.bytes) bytes;
    counter(4, CounterType.packets_and_bytes) both;
    apply {
        packets.count((bit<32>)h.x.index);
        bytes.count((bit<32>)h.x.index);
        both.count((bit<32>)h.x.index);
        both.count(0);
    }
}

#include "parts/end.p4"
