// Specification 1.2.5, "Operations on headers": two headers are equal if both are invalid, or both
// are valid with equal fields.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bool both_invalid;
    bool one_invalid;
    bool equal_fields;
    bool other_fields;
    bool changed_while_invalid;
    bool in_struct;
    bit<2> pad;
}

header y_t { bit<8> first; bit<8> second; }
struct headers { x_t x; y_t y; y_t z; }
struct pair_t { y_t y; y_t z; }
struct metadata {}

INGRESS {
    apply {
        h.x.both_invalid = h.y == h.z;
        h.y = { 1, 2 };
        h.x.one_invalid = h.y == h.z;
        h.z = { 1, 2 };
        h.x.equal_fields = h.y == h.z;
        h.z.second = h.x.a;
        h.x.other_fields = h.y == h.z;
        h.y.setInvalid();
        h.z.setInvalid();
        h.x.changed_while_invalid = h.y == h.z;
        pair_t p = { h.y, h.z };
        pair_t q = { h.z, h.y };
        h.x.in_struct = p == q;
    }
}

#include "parts/end.p4"
