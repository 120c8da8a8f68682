// Specification 1.2.5, "Grammar": casts and parentheses, comparisons and type arguments, and names
// that are keywords in some places only.
#include "parts/begin.p4"

typedef bit<8> byte_t;

header x_t {
    bit<8> key;
    bit<8> actions;
    bit<8> type_;
    bit<8> state;
    bit<8> entries;
    bit<8> priority;
    bit<8> cast_of_minus;
    bit<8> minus;
    bit<8> cast_of_cast;
    bool comparisons;
    bool parenthesised;
    bool nested;
    bit<5> pad;
    bit<8> shifts;
    bit<8> index;
}
struct headers { x_t x; }
struct metadata {}

bit<8> apply(in bit<8> v) { return v + 1; }

INGRESS {
    apply {
        bit<8> a = h.x.key;
        bit<8> b = 3;
        bit<8> c = 9;
        h.x.cast_of_minus = (byte_t)-1;
        h.x.minus = (a)-1;
        h.x.cast_of_cast = (bit<8>)(bit<4>)(a) + (b);
        // no type arguments
        h.x.comparisons = a < b && c > (b);
        h.x.parenthesised = (a < b) == (c > b);
        h.x.nested = !(a < b) || !!(c > b);
        h.x.shifts = (8w1 << 1 << 2) >> (1 >> 0);
        h.x.index = apply(v = h.x.priority);
        h.x.state = h.x.entries ++ h.x.actions == 16w0 ? h.x.state[7:4] ++ 4w1 : 0;
    }
}

#include "parts/end.p4"
