// As in C: macros with parameters, operators # and ##, and text that was replaced is looked through
// again, but not for the macro itself.
#include "parts/begin.p4"

#define ADD(left, right) ((left) + (right))
#define TWICE(v) ADD(v, v)
#define FIELD(name, width) bit<width> name;
#define SHOW(v) log_msg(#v)
#define GET(name) h.x.name##_field
#define NOTHING() 0
#define ADD2 ADD
#define self self

header x_t {
    FIELD(a_field, 8)
    FIELD(b_field, 8)
    FIELD(c_field, 8)
    FIELD(self, 8)
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        GET(a) = ADD(1, 2 * 3) * 2;
        GET(b) = TWICE(TWICE(GET(a)));
        GET(c) = ADD2
            (NOTHING(), ADD(1, (2)));
        h.x.self = 9;
        SHOW(h.x.a + "text");
    }
}

#include "parts/end.p4"
