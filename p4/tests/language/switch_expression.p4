// Specification 1.2.5, "Switch statement with integer or enumerated type expression": of bit, int,
// enums and error, with fall-through, also in functions and actions.
#include "parts/begin.p4"

enum Color { red, green, blue }
enum bit<8> Kind { one = 1, two = 2 }

header x_t {
    bit<8> a;
    bit<8> bits;
    bit<8> signed;
    bit<8> color;
    bit<8> kind;
    bit<8> none;
    bit<8> err;
}
struct headers { x_t x; }
struct metadata {}

bit<8> number(in Color color) {
    switch (color) {
        Color.red: { return 0x10; }
        Color.green: { return 0x20; }
    }
    return 0x30;
}

INGRESS {
    action signed(in int<8> v) {
        switch (v + 1) {
            0: { h.x.signed = 1; }
            -128: { h.x.signed = 2; }
            default: { h.x.signed = 3; }
        }
    }
    apply {
        switch (h.x.a) {
            0x01: { h.x.bits = 1; }
            0x02:
            16w3[7:0]: { h.x.bits = 2; }
            0xff: {}
            default: { h.x.bits = 3; }
        }
        signed((int<8>)h.x.a);
        h.x.color = number(h.x.a == 1 ? Color.red : (h.x.a == 2 ? Color.green : Color.blue));
        switch ((Kind)h.x.a) {
            Kind.one: { h.x.kind = 1; }
            Kind.two: { h.x.kind = 2; }
        }
        h.x.none = 7;
        switch (h.x.a) {
            7: { h.x.none = 8; }
            8:
        }
        switch (s.parser_error) {
            error.PacketTooShort: { h.x.err = 1; }
            error.NoError: { h.x.err = 2; }
        }
    }
}

#include "parts/end.p4"
