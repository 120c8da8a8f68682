// Specification 1.2.5, "Operations on structure-valued expressions" and "... on struct types":
// fields by order or by name in any order, nested, with and without cast; structs are copied whole
// and compared.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> by_order;
    bit<8> by_name;
    bit<8> nested;
    bit<8> copied;
    bool equal;
    bool equal_to_cast;
    bool different;
    bit<5> pad;
    bit<8> constant;
    bit<8> of_call;
}

struct pair_t { bit<8> first; bit<8> second; }
struct outer_t { pair_t p; pair_t q; bool b; }

const pair_t ORIGIN = { second = 9, first = 8 };

pair_t make(in bit<8> v) {
    return { v, v + 1 };
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        pair_t p = { h.x.a, 2 };
        h.x.by_order = p.first - p.second;
        pair_t q = { second = 2, first = h.x.a };
        h.x.by_name = q.first + q.second;
        outer_t o = { p, { first = 4, second = h.x.a }, true };
        h.x.nested = o.q.second + o.p.second;
        pair_t r = o.p;
        o.p.first = 0;
        h.x.copied = r.first;
        h.x.equal = p == q;
        h.x.equal_to_cast = p == (pair_t){ second = 2, first = 7 };
        r.second = 3;
        h.x.different = r != p;
        h.x.constant = ORIGIN.second;
        h.x.of_call = make(h.x.a).second;
    }
}

#include "parts/end.p4"
