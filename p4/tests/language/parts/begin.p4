// The fixed parts of most programs of this folder, before what a program says itself.
#ifndef BEGIN_P4
#define BEGIN_P4

#include <core.p4>
#include <v1model.p4>

#define PARSER parser MyParser(packet_in p, out headers h, inout metadata m, \
                               inout standard_metadata_t s)
#define VERIFY control MyVerify(inout headers h, inout metadata m)
#define INGRESS control MyIngress(inout headers h, inout metadata m, inout standard_metadata_t s)
#define EGRESS control MyEgress(inout headers h, inout metadata m, inout standard_metadata_t s)
#define UPDATE control MyUpdate(inout headers h, inout metadata m)
#define DEPARSER control MyDeparser(packet_out p, in headers h)

#endif
