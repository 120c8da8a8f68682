// Specification 1.2.5, "Sub-parsers" and "Parameterization": a parser instance is applied within
// another one; its accept goes on there, its reject rejects both.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> count; bit<8> err; }
header y_t { bit<8> tag; bit<8> v; }
struct headers { x_t x; y_t y; y_t z; }
struct metadata { bit<8> sum; }

error { WrongTag }

parser Tagged(packet_in p, out y_t y, inout bit<8> sum)(bit<8> tag) {
    bit<8> own = tag;
    state start {
        p.extract(y);
        own = own + 1;
        transition check;
    }
    state check {
        verify(y.tag == tag, error.WrongTag);
        sum = sum + own;
        transition select(y.v) {
            0xff: reject;
            default: accept;
        }
    }
}

PARSER {
    Tagged(1) first;
    Tagged(tag = 2) second;

    state start {
        p.extract(h.x);
        first.apply(p, h.y, m.sum);
        m.sum = m.sum + 0x10;
        transition select(h.x.count) {
            1: accept;
            default: two;
        }
    }
    state two {
        second.apply(p, h.z, m.sum);
        m.sum = m.sum + 0x20;
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.count = m.sum;
        if (s.parser_error == error.WrongTag) { h.x.err = 1; }
        if (s.parser_error == error.PacketTooShort) { h.x.err = 2; }
    }
}

#include "parts/end.p4"
