// Specification 1.2.5, "Actions": action data of bool, signed, enum and new types, wide and
// narrow.
#include "parts/begin.p4"

enum bit<8> Kind { one = 1, two = 2 }
type bit<16> port_t;

header x_t {
    bit<8> a;
    bool flag;
    bit<7> narrow;
    int<8> level;
    Kind kind;
    port_t port;
    bit<128> wide;
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bool flag, bit<7> narrow, int<8> level, Kind kind, port_t port, bit<128> wide) {
        h.x.flag = flag;
        h.x.narrow = narrow;
        h.x.level = level;
        h.x.kind = kind;
        h.x.port = port;
        h.x.wide = wide;
    }
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        default_action = set(true, 0x7f, -3, Kind.two, (port_t)0x1234, 1 << 127);
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
