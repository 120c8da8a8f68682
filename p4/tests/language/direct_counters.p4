// v1model, direct_counter: every hit of the table counts for its entry, whether or not the action
// calls count; a miss does not.
#include "parts/begin.p4"

header x_t { bit<8> a; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    direct_counter(CounterType.packets_and_bytes) hits;
    action counted() { hits.count(); }
    action silent() {}
    table t {
        key = { h.x.a : exact; }
        actions = { counted; silent; }
        default_action = silent();
        counters = hits;
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
