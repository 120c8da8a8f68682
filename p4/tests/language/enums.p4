// Specification 1.2.5, "Operations on enum types": an enum without underlying type can be
// assigned, compared, and looked at by switch; it need not be known what bits it has.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bool equal;
    bool not_equal;
    bit<6> pad;
    bit<8> color;
}

enum Color { red, green, blue }

struct headers { x_t x; }
struct metadata { Color color; }

bit<8> number(in Color color) {
    if (color == Color.red) { return 0x10; }
    if (color == Color.green) { return 0x20; }
    return 0x30;
}

INGRESS {
    apply {
        if (h.x.a == 1) {
            m.color = Color.green;
        } else if (h.x.a == 2) {
            m.color = Color.blue;
        } else {
            m.color = Color.red;
        }
        Color other = Color.green;
        h.x.equal = m.color == other;
        h.x.not_equal = m.color != Color.green;
        h.x.color = number(m.color);
    }
}

#include "parts/end.p4"
