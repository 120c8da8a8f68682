// A switch that answers questions about its own tables.
//
// The controller asks: a packet-out says which table to look in, and the packet carries the key. The
// packet comes back as a packet-in that says what the table answered, and so does a packet from an
// ordinary port. A controller sees in this way what the packets see, with no port and no cable.
//
// There is a table of each kind that a controller can meet: each match kind, constant entries,
// entries of the program that can be changed, a constant default action, actions that are only for
// entries or only the default, and no key at all.

#include <core.p4>
#include <v1model.p4>

const bit<9> CPU_PORT = 510;
const bit<16> ETHERTYPE_QUESTION = 0x88b5;

// Which table to ask.
const bit<7> STATIONS = 1;
const bit<7> ROUTES = 2;
const bit<7> RULES = 3;
const bit<7> SERVICES = 4;
const bit<7> CLASSES = 5;
const bit<7> BOOKMARKS = 6;
const bit<7> FIXED = 7;
const bit<7> ALWAYS = 8;
const bit<7> REMEMBERED = 9;

@controller_header("packet_out")
header packet_out_t {
    bit<9> port;
    bit<7> table_number;
}

@controller_header("packet_in")
header packet_in_t {
    bit<9>  ingress_port;
    bit<7>  table_number;
    bit<32> answer;
}

header ethernet_t {
    bit<48> dst_addr;
    bit<48> src_addr;
    bit<16> ether_type;
}

// The key to look for.
header question_t {
    bit<48> station;
    bit<32> address;
    bit<16> port;
    bit<8>  protocol;
}

struct headers_t {
    packet_out_t packet_out;
    packet_in_t  packet_in;
    ethernet_t   ethernet;
    question_t   question;
}

struct metadata_t {
    bit<7>  table_number;
    bit<32> answer;
}

parser Parse(packet_in packet, out headers_t hdr, inout metadata_t meta,
             inout standard_metadata_t standard) {
    state start {
        transition select(standard.ingress_port) {
            CPU_PORT: from_controller;
            default: ethernet;
        }
    }
    state from_controller {
        packet.extract(hdr.packet_out);
        transition ethernet;
    }
    state ethernet {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.ether_type) {
            ETHERTYPE_QUESTION: question;
            default: accept;
        }
    }
    state question {
        packet.extract(hdr.question);
        transition accept;
    }
}

control Verify(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control Switchboard(inout headers_t hdr, inout metadata_t meta,
                    inout standard_metadata_t standard) {
    direct_counter(CounterType.packets_and_bytes) station_hits;
    counter(16, CounterType.packets_and_bytes) questions;
    counter(4, CounterType.packets) others;
    register<bit<32>>(16) remembered;

    action answer(bit<32> value) {
        meta.answer = value;
    }

    // The question leaves by a port instead of being answered.
    action forward(bit<9> port, bit<32> value) {
        standard.egress_spec = port;
        meta.answer = value;
    }

    action refuse() {
        mark_to_drop(standard);
    }

    table stations {
        key = { hdr.question.station: exact @name("station"); }
        actions = { answer; forward; refuse; NoAction; }
        default_action = answer(1);
        counters = station_hits;
        size = 64;
    }

    table routes {
        key = { hdr.question.address: lpm @name("address"); }
        actions = { answer; forward; refuse; NoAction; }
        size = 256;
    }

    table rules {
        key = {
            hdr.question.address:  ternary @name("address");
            hdr.question.protocol: ternary @name("protocol");
            hdr.question.port:     range @name("port");
        }
        actions = { answer; refuse; NoAction; }
        default_action = refuse();
        size = 128;
    }

    // Small enough to be filled, and with actions that are not for everything.
    table services {
        key = {
            hdr.question.address:  exact @name("address");
            hdr.question.protocol: optional @name("protocol");
        }
        actions = { answer; @tableonly forward; @defaultonly refuse; @defaultonly NoAction; }
        default_action = NoAction();
        size = 4;
    }

    table classes {
        key = {
            hdr.question.protocol: exact @name("protocol");
            hdr.question.port:     range @name("port");
        }
        actions = { answer; NoAction; }
        const entries = {
            (6, 80 .. 443): answer(100);
            (6, _):         answer(200);
            (17, 53 .. 53): answer(300);
        }
        default_action = answer(400);
    }

    // The program's entries, which a controller may change.
    table bookmarks {
        key = { hdr.question.port: exact @name("port"); }
        actions = { answer; NoAction; }
        entries = {
            22: answer(2200);
            25: answer(2500);
        }
        size = 16;
    }

    table fixed {
        key = { hdr.question.port: exact @name("port"); }
        actions = { answer; NoAction; }
        const default_action = answer(7);
        size = 16;
    }

    table always {
        actions = { answer; NoAction; }
        default_action = answer(8);
    }

    apply {
        if (hdr.packet_out.isValid()) {
            meta.table_number = hdr.packet_out.table_number;
            standard.egress_spec = hdr.packet_out.port;
        } else {
            standard.egress_spec = CPU_PORT;
        }
        questions.count((bit<32>)meta.table_number);
        if (hdr.question.isValid()) {
            if (meta.table_number == STATIONS) {
                stations.apply();
            } else if (meta.table_number == ROUTES) {
                routes.apply();
            } else if (meta.table_number == RULES) {
                rules.apply();
            } else if (meta.table_number == SERVICES) {
                services.apply();
            } else if (meta.table_number == CLASSES) {
                classes.apply();
            } else if (meta.table_number == BOOKMARKS) {
                bookmarks.apply();
            } else if (meta.table_number == FIXED) {
                fixed.apply();
            } else if (meta.table_number == ALWAYS) {
                always.apply();
            } else if (meta.table_number == REMEMBERED) {
                remembered.read(meta.answer, (bit<32>)hdr.question.port);
            }
            if (meta.table_number != REMEMBERED) {
                remembered.write((bit<32>)meta.table_number, meta.answer);
            }
        } else {
            others.count((bit<32>)hdr.ethernet.ether_type[1:0]);
        }
    }
}

control Leave(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply {
        hdr.packet_out.setInvalid();
        if (standard.egress_port == CPU_PORT) {
            hdr.packet_in.setValid();
            hdr.packet_in.ingress_port = standard.ingress_port;
            hdr.packet_in.table_number = meta.table_number;
            hdr.packet_in.answer = meta.answer;
        }
    }
}

control Update(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control Deparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.packet_in);
        packet.emit(hdr.ethernet);
        packet.emit(hdr.question);
    }
}

V1Switch(Parse(), Verify(), Switchboard(), Leave(), Update(), Deparse()) main;
