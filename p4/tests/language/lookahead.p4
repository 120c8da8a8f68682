// Specification 1.2.5, "Lookahead": it reads without moving on, of any type of fixed width; a
// header that it gives is valid; too short a packet gives error.PacketTooShort.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> kind; bit<8> first; bit<8> second; bit<8> third; }
header y_t { bit<4> high; bit<4> low; bit<8> next; }
struct two_t { bit<12> a; bit<4> b; }
struct headers { x_t x; y_t y; y_t seen; }
struct metadata { bit<8> first; bit<8> second; bit<8> third; }

PARSER {
    state start {
        p.extract(h.x);
        m.first = p.lookahead<bit<8>>();
        two_t two = p.lookahead<two_t>();
        m.second = (bit<8>)two.b;
        h.seen = p.lookahead<y_t>();
        m.third = p.lookahead<y_t>().next;
        transition select(p.lookahead<bit<4>>()) {
            0xf: accept;
            _: y;
        }
    }
    state y {
        p.extract(h.y);
        bit<32> beyond = p.lookahead<bit<32>>();
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.first = m.first;
        h.x.second = m.second;
        h.x.third = m.third;
        if (s.parser_error == error.PacketTooShort) { h.x.kind = 0xee; }
    }
}

#include "parts/end.p4"
