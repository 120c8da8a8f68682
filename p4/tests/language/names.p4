// Specification 1.2.5, "Control-plane names" and "Name annotations": @name on instances, tables,
// keys and actions, within the place they stand in or, with a dot before it, by itself.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> plain; bit<8> renamed; bit<8> absolute; }
struct headers { x_t x; }
struct metadata {}

control Inner(inout x_t x) {
    action set_plain(bit<8> v) { x.plain = v; }
    @name("assign") action set_renamed(bit<8> v) { x.renamed = v; }
    @name(".Top.assign") action set_absolute(bit<8> v) { x.absolute = v; }
    table plain {
        key = { x.a : exact; }
        actions = { set_plain; NoAction; }
        default_action = NoAction();
    }
    @name("other") table renamed {
        key = { x.a : exact @name("letter"); }
        actions = { set_renamed; NoAction; }
        default_action = NoAction();
    }
    @name(".Top.table") table absolute {
        key = { x.a : exact @name("a.b"); }
        actions = { set_absolute; NoAction; }
        default_action = NoAction();
    }
    apply {
        plain.apply();
        renamed.apply();
        absolute.apply();
    }
}

INGRESS {
    @name("part") Inner() inner;
    apply { inner.apply(h.x); }
}

#include "parts/end.p4"
