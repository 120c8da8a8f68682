// Specification 1.2.5, "Type nesting rules" and "Header types": a header may hold a struct of
// fixed size, a bool, and serializable enums.
#include "parts/begin.p4"

enum bit<4> Kind { one = 1, two = 2 }

struct pair_t { bit<4> high; bit<12> low; }
header x_t { pair_t first; bool flag; bit<3> pad; Kind kind; pair_t second; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        pair_t old = h.x.first;
        h.x.first = h.x.second;
        h.x.second = { high = old.high + 1, low = old.low };
        h.x.flag = h.x.first == old;
        if (h.x.kind == Kind.one) { h.x.kind = Kind.two; }
    }
}

#include "parts/end.p4"
