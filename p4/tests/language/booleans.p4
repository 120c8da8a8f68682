// Specification 1.2.5, "Expressions on Booleans", "Explicit casts" and "Header types": bool is one
// bit in a header and is cast from and to bit<1>.
#include "parts/begin.p4"

header x_t {
    bit<1> bit_in;
    bool bool_in;
    bit<6> pad;
    bool to_bool;
    bit<1> to_bit;
    bool and;
    bool or;
    bool not;
    bool equal;
    bool not_equal;
    bit<1> from_int;
}

const bool YES = (bool)1;
const bool NO = (bool)0;

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.to_bool = (bool)h.x.bit_in;
        h.x.to_bit = (bit<1>)h.x.bool_in;
        h.x.and = h.x.bool_in && (bool)h.x.bit_in;
        h.x.or = h.x.bool_in || (bool)h.x.bit_in;
        h.x.not = !h.x.bool_in;
        h.x.equal = h.x.bool_in == (bool)h.x.bit_in;
        h.x.not_equal = h.x.bool_in != (bool)h.x.bit_in;
        if (YES && !NO) { h.x.from_int = (bit<1>)true; }
    }
}

#include "parts/end.p4"
