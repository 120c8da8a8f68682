// Specification 1.2.5, "Operations on header stacks" and "Header stacks" of the parser: next is
// the element after the last one extracted, last that one, lastIndex its index, size the size; a
// stack is emitted in its order.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> count; bit<8> last_index; bit<8> last_label; bit<8> size; }
header label_t { bit<7> label; bit<1> bottom; }
struct headers { x_t x; label_t[4] labels; }
struct metadata { bit<8> last_index; bit<8> last_label; }

PARSER {
    state start {
        p.extract(h.x);
        transition labels;
    }
    state labels {
        p.extract(h.labels.next);
        m.last_index = (bit<8>)h.labels.lastIndex;
        m.last_label = (bit<8>)h.labels.last.label;
        transition select(h.labels.last.bottom) {
            0: labels;
            1: accept;
        }
    }
}

INGRESS {
    apply {
        h.x.last_index = m.last_index;
        h.x.last_label = m.last_label;
        h.x.size = (bit<8>)h.labels.size;
        if (h.labels[0].isValid()) { h.x.count = h.x.count + 1; }
        if (h.labels[1].isValid()) { h.x.count = h.x.count + 1; }
        if (h.labels[2].isValid()) { h.x.count = h.x.count + 1; }
        if (h.labels[3].isValid()) { h.x.count = h.x.count + 1; }
    }
}

#include "parts/end.p4"
