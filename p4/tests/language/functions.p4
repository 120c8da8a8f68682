// Specification 1.2.5, "Function declarations": functions call functions, return from the middle,
// and give structs; their result may be unused.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> max; bit<8> clamped; bit<8> sign; bit<8> counted; }
struct headers { x_t x; }
struct metadata {}

struct range_t { bit<8> low; bit<8> high; }

bit<8> max(in bit<8> left, in bit<8> right) {
    return (left > right) ? left : right;
}

bit<8> min(in bit<8> left, in bit<8> right) {
    if (left < right) {
        return left;
    }
    return right;
}

bit<8> clamp(in bit<8> v, in range_t r) {
    return min(max(v, r.low), r.high);
}

range_t make(in bit<8> low, in bit<8> size) {
    range_t r;
    r.low = low;
    r.high = low + size;
    return r;
}

bit<8> sign(in int<8> v) {
    if (v < 0) {
        return 1;
    } else if (v == 0) {
        return 2;
    } else {
        return 3;
    }
}

bit<8> count(inout bit<8> n) {
    n = n + 1;
    return n;
}

INGRESS {
    apply {
        h.x.max = max(h.x.a, h.x.b);
        h.x.clamped = clamp(h.x.a, make(0x10, 0x10));
        h.x.sign = sign((int<8>)h.x.a);
        count(h.x.counted);
        count(h.x.counted);
    }
}

#include "parts/end.p4"
