// Specification 1.2.5, "Keys": a table without key, or with an empty one, always runs its default
// action, and never hits.
#include "parts/begin.p4"

header x_t { bit<8> none; bit<8> empty; bit<8> hits; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_none(bit<8> v) { h.x.none = v; }
    action set_empty(bit<8> v) { h.x.empty = v; }
    table none {
        actions = { set_none; }
        default_action = set_none(1);
    }
    table empty {
        key = {}
        actions = { set_empty; }
        default_action = set_empty(2);
    }
    apply {
        if (none.apply().hit) { h.x.hits = 1; }
        if (empty.apply().hit) { h.x.hits = 2; }
    }
}

#include "parts/end.p4"
