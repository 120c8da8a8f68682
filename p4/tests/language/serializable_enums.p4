// Specification 1.2.5, "Operations on enum types": an enum with an underlying type may stand in a
// header, hold a value that has no name, have two names for a value, and is cast both ways.
#include "parts/begin.p4"

enum bit<16> Kind { one = 0x0101, two = 2, deux = 2 }
enum int<8> Level { low = -1, high = 1 }

header x_t {
    Kind kind;
    Level level;
    bit<8> a;
    bit<8> found;
    bit<16> plus;
    Kind made;
    bool same_value;
    bool level_low;
    bit<6> pad;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        if (h.x.kind == Kind.one) {
            h.x.found = 1;
        } else if (h.x.kind == Kind.two) {
            h.x.found = 2;
        } else {
            h.x.found = 0xff;
        }
        h.x.plus = (bit<16>)h.x.kind + Kind.two;
        h.x.made = (Kind)(bit<16>)h.x.a;
        h.x.same_value = Kind.two == Kind.deux;
        h.x.level_low = h.x.level == Level.low;
    }
}

#include "parts/end.p4"
