// Specification 1.2.5, "Entry priorities": priorities of entries that the control plane may
// change; larger ones win, or smaller ones where largest_priority_wins is false; those that are
// not given follow at distances of priority_delta.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> largest; bit<8> smallest; bit<8> in_order; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_largest(bit<8> v) { h.x.largest = v; }
    action set_smallest(bit<8> v) { h.x.smallest = v; }
    action set_in_order(bit<8> v) { h.x.in_order = v; }
    table largest {
        key = { h.x.a : ternary; }
        actions = { set_largest; NoAction; }
        default_action = NoAction();
        @noWarn("entries_out_of_priority_order")
        entries = {
            priority = 10 : 0x01 : set_largest(1);
            priority = (10 + 10) : 0x01 &&& 0x0f : set_largest(2);
            const priority = 5 : 0x00 &&& 0x00 : set_largest(3);
        }
    }
    table smallest {
        key = { h.x.a : ternary; }
        actions = { set_smallest; NoAction; }
        default_action = NoAction();
        largest_priority_wins = false;
        priority_delta = 10;
        @noWarn("entries_out_of_priority_order")
        entries = {
            priority = 30 : 0x01 &&& 0x0f : set_smallest(1);
            0x01 &&& 0xff : set_smallest(2);
            priority = 20 : 0x11 &&& 0xff : set_smallest(3);
            0x21 &&& 0xff : set_smallest(4);
        }
    }
    table in_order {
        key = { h.x.a : ternary; }
        actions = { set_in_order; NoAction; }
        default_action = NoAction();
        priority_delta = 10;
        entries = {
            0x01 : set_in_order(1);
            0x01 &&& 0x0f : set_in_order(2);
            _ : set_in_order(3);
        }
    }
    apply {
        largest.apply();
        smallest.apply();
        in_order.apply();
    }
}

#include "parts/end.p4"
