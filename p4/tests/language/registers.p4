// v1model, register: values that outlive the packet, zero at first, of any width; a write beyond
// the size is nothing.
#include "parts/begin.p4"

header x_t { bit<8> index; bit<8> count; bit<48> last; bit<8> signed_min; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    register<bit<8>>(4) counts;
    register<bit<48>>(1) last;
    register<bit<8>>(1) least;
    apply {
        bit<8> n;
        counts.read(n, (bit<32>)h.x.index);
        if (h.x.index < 4) { h.x.count = n; }
        n = n + 1;
        counts.write((bit<32>)h.x.index, n);
        bit<48> now = h.x.last;
        last.read(h.x.last, 0);
        last.write(0, now);
        bit<8> low;
        least.read(low, 0);
        if ((int<8>)h.x.signed_min < (int<8>)low) { low = h.x.signed_min; }
        least.write(0, low);
        h.x.signed_min = low;
    }
}

#include "parts/end.p4"
