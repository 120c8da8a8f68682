// Packets between the program and controllers, with padding and fields that are hidden.
#include <v1model.p4>

@controller_header("packet_out")
header packet_out_h {
    bit<9> egress_port;
    @padding bit<6> unused;
    bit<24> tag;
    @hidden bit<1> secret;
}

@controller_header("packet_in")
header packet_in_h {
    bit<9> ingress_port;
    @hidden bit<7> secret;
    bit<24> tag;
    bit<8> reason;
}

header byte_h { bit<8> value; }

struct headers_t {
    packet_in_h to_controller;
    packet_out_h from_controller;
    byte_h first;
}
struct meta_t {}

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start {
        transition select(s.ingress_port) {
            510: controller;
            default: wire;
        }
    }
    state controller { p.extract(h.from_controller); transition accept; }
    state wire { p.extract(h.first); transition accept; }
}
control V(inout headers_t h, inout meta_t m) { apply {} }
control I(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    apply {
        s.egress_spec = 510;
        if (h.from_controller.isValid()) {
            s.egress_spec = h.from_controller.egress_port;
        }
        if (s.egress_spec == 510 && !(h.first.isValid() && h.first.value == 0xff)) {
            h.to_controller.setValid();
            h.to_controller.ingress_port = s.ingress_port;
            h.to_controller.secret = 0x7f;
            h.to_controller.tag = 0;
            h.to_controller.reason = 0;
            if (h.from_controller.isValid()) {
                h.to_controller.tag = h.from_controller.tag;
                h.to_controller.reason = 7w0 ++ h.from_controller.secret;
            }
        }
        h.from_controller.setInvalid();
    }
}
control E(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply {} }
control C(inout headers_t h, inout meta_t m) { apply {} }
control D(packet_out p, in headers_t h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;
