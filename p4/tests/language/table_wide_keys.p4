// Specification 1.2.5, "Keys": elements of 128 and of 9 bits, of bool, signed and enum types.
#include "parts/begin.p4"

enum bit<16> Kind { one = 1, two = 2 }

header x_t {
    bit<128> address;
    int<8> level;
    Kind kind;
    bit<8> exact_result;
    bit<8> lpm_result;
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_exact(bit<8> v) { h.x.exact_result = v; }
    action set_lpm(bit<8> v) { h.x.lpm_result = v; }
    table t {
        key = {
            h.x.address : exact;
            h.x.level : exact;
            h.x.kind : exact;
            s.ingress_port : exact;
            h.x.level < 0 : exact @name("negative");
        }
        actions = { set_exact; NoAction; }
        default_action = NoAction();
        entries = {
            (0x20010db8000000000000000000000001, -5, Kind.two, 3, true) : set_exact(7);
        }
    }
    table u {
        key = { h.x.address : lpm; }
        actions = { set_lpm; NoAction; }
        default_action = NoAction();
    }
    apply {
        t.apply();
        u.apply();
    }
}

#include "parts/end.p4"
